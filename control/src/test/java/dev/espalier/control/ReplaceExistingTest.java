package dev.espalier.control;

import static dev.espalier.control.TestPlane.CALLER;
import static dev.espalier.control.TestPlane.PLAIN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.control.request.Moment;
import dev.espalier.control.setting.EndpointSettings;
import dev.espalier.control.setting.Expiration;
import dev.espalier.storage.Backend;
import dev.espalier.testing.TestWait;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReplaceExistingTest {

    private static final String SHOP = "shop";
    private static final String PRODUCTION = "production";

    @TempDir
    private static Path directory;

    private static TestPlane test;

    @BeforeAll
    static void start() throws Exception {
        test = TestPlane.start(directory, Backend.COPY);
        test.succeed(test.plane.projects().create(CALLER, SHOP, PLAIN));
    }

    @AfterAll
    static void stop() {
        test.close();
        TestPlane.stopLeftovers(directory);
    }

    @Test
    void aProtectedBranchStaysProtectedWhereNothingIsSaidAndGetsNoTimeToLive() {
        test.succeed(test.plane
                .branches()
                .update(CALLER, SHOP, PRODUCTION, new BranchChange(Optional.of(true), Optional.empty())));

        replace(new Expiration.Never());
        assertThat(test.plane.branches().get(SHOP, PRODUCTION).isProtected()).isTrue();

        assertThatThrownBy(() -> replace(new Expiration.After(Duration.ofHours(1))))
                .hasMessageContaining("a protected or default branch cannot expire");
        assertThat(test.plane.branches().get(SHOP, PRODUCTION).expireTime()).isEmpty();
    }

    private static void replace(Expiration expiration) {
        NewBranch wanted =
                new NewBranch(Optional.empty(), new Moment.Now(), Optional.empty(), expiration, Optional.empty());
        test.succeed(test.plane.branches().create(CALLER, SHOP, PRODUCTION, wanted, true));
    }

    /** Clients write seven digits or nine, and PostgreSQL keeps six. */
    @Test
    void aBranchFromATimeInNanosecondsIsTheSameWhenItIsAskedForAgain() {
        TestWait.until("the history to begin", () -> {
            var _ = test.plane.insight().history(SHOP, PRODUCTION);
            return true;
        });
        Instant time = test.plane
                .insight()
                .history(SHOP, PRODUCTION)
                .earliestTime()
                .truncatedTo(ChronoUnit.MICROS)
                .plusNanos(1700);
        NewBranch wanted = new NewBranch(
                Optional.empty(),
                Moment.of(Optional.of(time.toString()), Optional.empty()),
                Optional.empty(),
                new Expiration.Never(),
                Optional.empty());
        test.succeed(test.plane.branches().create(CALLER, SHOP, "then", wanted, false));
        test.succeed(test.plane.branches().create(CALLER, SHOP, "then", wanted, true));
        assertThat(test.plane.branches().get(SHOP, "then").sourceTime()).contains(time.truncatedTo(ChronoUnit.MICROS));
    }

    @Test
    void aRoleKeepsTheMembershipsAndAttributesOfWhichNothingIsSaid() {
        NewRole first = new NewRole(
                Optional.empty(),
                Role.IdentityType.IDENTITY_TYPE_UNSPECIFIED,
                Optional.empty(),
                List.of("DATABRICKS_SUPERUSER"),
                new Role.Attributes(true, false, false));
        test.succeed(test.plane.roles().create(CALLER, SHOP, PRODUCTION, "keeper", first, false));

        NewRole bypassing = new NewRole(
                Optional.empty(),
                Role.IdentityType.IDENTITY_TYPE_UNSPECIFIED,
                Optional.empty(),
                Optional.empty(),
                new RoleChange.Attributes(Optional.empty(), Optional.empty(), Optional.of(true)));
        test.succeed(test.plane.roles().create(CALLER, SHOP, PRODUCTION, "keeper", bypassing, true));

        Role role = test.plane.roles().get(SHOP, PRODUCTION, "keeper");
        assertThat(role.memberOf()).containsExactly("DATABRICKS_SUPERUSER");
        assertThat(role.attributes()).isEqualTo(new Role.Attributes(true, false, true));
    }

    @Test
    void anEndpointStaysDisabledAndKeepsTheSettingsOfWhichNothingIsSaid() {
        EndpointSettings settings = new EndpointSettings(0.5, 2, Optional.empty(), Map.of("work_mem", "8MB"));
        NewEndpoint first = new NewEndpoint(Endpoint.Type.READ_ONLY, Optional.of(settings), Optional.empty(), true);
        test.succeed(test.plane.endpoints().create(CALLER, SHOP, PRODUCTION, "replica", first, false));

        NewEndpoint larger = new NewEndpoint(
                Endpoint.Type.READ_ONLY,
                Optional.of(now -> new EndpointSettings(now.minCu(), 4, now.suspendAfter(), now.pgSettings())),
                Optional.empty(),
                Optional.empty());
        test.succeed(test.plane.endpoints().create(CALLER, SHOP, PRODUCTION, "replica", larger, true));

        Endpoint replica = test.plane.endpoints().get(SHOP, PRODUCTION, "replica");
        assertThat(replica.disabled()).isTrue();
        assertThat(replica.settings())
                .isEqualTo(new EndpointSettings(0.5, 4, Optional.empty(), Map.of("work_mem", "8MB")));
    }
}
