package dev.espalier.control;

import static dev.espalier.control.TestPlane.CALLER;
import static dev.espalier.control.TestPlane.PLAIN;
import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.control.request.Caller;
import dev.espalier.control.request.Moment;
import dev.espalier.control.setting.EndpointSettings;
import dev.espalier.control.setting.Expiration;
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

    /** Its history holds what has gone on with the branch, whose subscriptions they are. */
    @Test
    void itHasNoSubscriptionsAlsoAtAMomentBeforeItWasKeptAside() throws SQLException {
        subscribe(Projects.FIRST_BRANCH, "s");
        awaitHistory(Projects.FIRST_BRANCH);
        Instant early = now(Projects.FIRST_BRANCH);
        restore(CALLER, Projects.FIRST_BRANCH);
        String kept = KEPT + Projects.FIRST_BRANCH;
        assertThat(subscriptions(kept)).isEqualTo("0");
        assertThat(subscriptions(Projects.FIRST_BRANCH)).isEqualTo("1");

        subscribe(kept, "own");
        Instant late = now(kept);
        test.execute(kept, "CREATE TABLE later ()");
        test.succeed(test.plane.branches().restore(CALLER, SHOP, kept, new Moment.At(late), Optional.of("kept-again")));
        assertThat(subscriptions(kept)).as("it has none but its own").isEqualTo("1");

        assertThat(subscriptions("kept-again")).isEqualTo("0");
        test.succeed(test.plane
                .branches()
                .restore(CALLER, SHOP, "kept-again", new Moment.At(early), Optional.of("kept-at-last")));
        assertThat(subscriptions("kept-again")).isEqualTo("0");
        assertThat(subscriptions("kept-at-last")).isEqualTo("0");
    }

    private static String subscriptions(String branch) throws SQLException {
        return test.query(branch, "SELECT count(*) FROM pg_stat_subscription");
    }

    private static void subscribe(String branch, String name) throws SQLException {
        test.query(branch, "SELECT 1");
        String uid = test.plane.endpoints().get(SHOP, branch, Endpoint.PRIMARY).uid();
        try (var session = test.engine.connect(uid, "databricks_postgres");
                var statement = session.createStatement()) {
            statement.execute(
                    "CREATE SUBSCRIPTION " + name + " CONNECTION 'host=/nowhere' PUBLICATION p WITH (connect = false)");
        }
    }

    private static Instant now(String branch) throws SQLException {
        return Instant.parse(test.query(branch, "SELECT to_json(clock_timestamp())#>>'{}'"));
    }

    private static void awaitHistory(String branch) {
        TestWait.until(
                () -> !test.plane.insight().history(SHOP, branch).snapshots().isEmpty());
    }

    private static void create(Caller caller, String branch) {
        create(caller, branch, false);
    }

    private static void create(Caller caller, String branch, boolean isProtected) {
        NewBranch plain = new NewBranch(Optional.empty(), new Moment.Now(), isProtected, new Expiration.Never());
        test.succeed(test.plane.branches().create(caller, SHOP, branch, plain, false));
    }

    private static void restore(Caller caller, String branch) throws SQLException {
        awaitHistory(branch);
        Instant moment = now(branch);
        test.succeed(
                test.plane.branches().restore(caller, SHOP, branch, new Moment.At(moment), Optional.of(KEPT + branch)));
    }
}
