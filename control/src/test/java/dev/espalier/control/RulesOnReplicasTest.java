package dev.espalier.control;

import static dev.espalier.control.TestPlane.CALLER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.control.metastore.Changed;
import dev.espalier.control.metastore.DefinedPolicy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What keeps a replica from following neither keeps a rule out of force nor costs its branch anything. */
class RulesOnReplicasTest extends GovernedShop {

    private static final String REPLICA = "replica";

    @BeforeEach
    void makeReplica() {
        NewEndpoint wanted = new NewEndpoint(Endpoint.Type.READ_ONLY, Optional.empty(), Optional.empty(), false);
        test.succeed(test.plane.endpoints().create(CALLER, "shop", "production", REPLICA, wanted, false));
        define(mask());
    }

    @AfterEach
    void deleteReplica() {
        test.succeed(test.plane.endpoints().delete(CALLER, "shop", "production", REPLICA));
    }

    private static Endpoint endpoint(String id) {
        return test.plane.endpoints().get("shop", "production", id);
    }

    private static Changed<DefinedPolicy> changeRules() {
        return define(mask("hide_phone", Set.of("analysts"), Set.of(), "phone"));
    }

    @Test
    void whoIdlesInATransactionOnAReplicaHoldsARuleUpForSecondsAndEndsNoSessionOfThePrimary() throws SQLException {
        try (Connection onPrimary =
                        test.engine.connect(endpoint(Endpoint.PRIMARY).uid(), DATABASE);
                Connection reader = test.engine.connect(endpoint(REPLICA).uid(), DATABASE);
                Statement reads = reader.createStatement()) {
            reader.setAutoCommit(false);
            reads.execute(MASKED);

            Instant begun = Instant.now();
            Changed<DefinedPolicy> changed = changeRules();
            assertThat(Duration.between(begun, Instant.now())).isLessThan(Duration.ofSeconds(15));

            assertThat(changed.warnings()).noneMatch(warning -> warning.contains("suspended"));
            assertThatThrownBy(() -> reads.execute(MASKED)).isInstanceOf(SQLException.class);
            assertThat(onPrimary.isValid(5)).isTrue();
        }
        assertThat(endpoint(REPLICA).state()).isEqualTo(Endpoint.State.ACTIVE);
        assertThat(seen("production", REPLICA)).isEqualTo("hidden");
    }

    @Test
    void aReplicaThatCannotBeSeenToFollowIsSuspendedAlone() throws IOException, SQLException {
        Endpoint replica = endpoint(REPLICA);
        try (Connection onPrimary =
                test.engine.connect(endpoint(Endpoint.PRIMARY).uid(), DATABASE)) {
            Path socket = replica.socketDirectory().resolve(".s.PGSQL.5432");
            Files.move(socket, socket.resolveSibling("away"));

            assertThat(changeRules().warnings()).noneMatch(warning -> warning.contains("suspended"));

            assertThat(endpoint(REPLICA).state()).isEqualTo(Endpoint.State.IDLE);
            assertThat(onPrimary.isValid(5)).isTrue();
        }
        assertThat(seen("production", REPLICA)).isEqualTo("hidden");
    }
}
