package dev.espalier.control;

import static dev.espalier.control.TestPlane.CALLER;
import static dev.espalier.control.TestPlane.PLAIN;
import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.storage.Backend;
import dev.espalier.testing.TestWait;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The branch that keeps the state before a restore. */
class KeptAsideTest {

    private static final String SHOP = "shop";
    private static final String KEPT = "kept-";

    @TempDir
    static Path directory;

    private static TestPlane test;

    @BeforeAll
    static void start() {
        test = TestPlane.start(directory, Backend.COPY);
        test.succeed(test.plane.projects().create(CALLER, SHOP, PLAIN));
    }

    @AfterAll
    static void stop() {
        test.close();
        TestPlane.stopLeftovers(directory);
    }

    @Test
    void itIsOneOfWhoHasMadeTheBranchWhoeverRestoresIt() throws SQLException {
        create(new Caller("maker", "test"), "own");
        restore(CALLER, "own");
        assertThat(test.rows("SELECT created_by FROM control.branch WHERE branch_id = 'kept-own'"))
                .containsExactly("maker");
    }

    /** A standby does not start with fewer connections than its log was written with. */
    @Test
    void itHasReplicasThoughItsBranchWasLargerThanWhatNewOnesGet() throws SQLException {
        create(CALLER, "large");
        EndpointSettings large = new EndpointSettings(0.5, 8, Optional.empty(), Map.of());
        test.succeed(test.plane
                .endpoints()
                .update(
                        CALLER,
                        SHOP,
                        "large",
                        Endpoint.PRIMARY,
                        new EndpointChange(Optional.of(_ -> large), Optional.empty(), Optional.empty())));
        restore(CALLER, "large");

        NewEndpoint replica = new NewEndpoint(Endpoint.Type.READ_ONLY, Optional.empty(), Optional.empty(), false);
        test.succeed(test.plane.endpoints().create(CALLER, SHOP, KEPT + "large", "replica", replica, false));
        assertThat(test.plane.endpoints().get(SHOP, KEPT + "large", "replica").state())
                .isEqualTo(Endpoint.State.ACTIVE);
    }

    /** Nothing could make again what it holds. */
    @Test
    void itIsAsDurableAsItsBranchWas() throws SQLException {
        create(CALLER, "plain", false);
        restore(CALLER, "plain");
        assertThat(test.query(KEPT + "plain", "SHOW fsync")).isEqualTo("off");
        create(CALLER, "guarded", true);
        restore(CALLER, "guarded");
        assertThat(test.query(KEPT + "guarded", "SHOW fsync")).isEqualTo("on");
        assertThat(test.query("guarded", "SHOW fsync")).isEqualTo("on");
        assertThat(test.plane.branches().get(SHOP, KEPT + "guarded").isProtected())
                .isFalse();
    }

    private static void create(Caller caller, String branch) {
        create(caller, branch, false);
    }

    private static void create(Caller caller, String branch, boolean isProtected) {
        NewBranch plain = new NewBranch(Optional.empty(), new Moment.Now(), isProtected, new Expiration.Never());
        test.succeed(test.plane.branches().create(caller, SHOP, branch, plain, false));
    }

    private static void restore(Caller caller, String branch) throws SQLException {
        TestWait.until(
                () -> !test.plane.insight().history(SHOP, branch).snapshots().isEmpty());
        Instant moment = Instant.parse(test.query(branch, "SELECT to_json(clock_timestamp())#>>'{}'"));
        test.succeed(
                test.plane.branches().restore(caller, SHOP, branch, new Moment.At(moment), Optional.of(KEPT + branch)));
    }
}
