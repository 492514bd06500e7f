package dev.espalier.control;

import static dev.espalier.control.TestPlane.CALLER;
import static dev.espalier.control.TestPlane.PLAIN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.control.request.Moment;
import dev.espalier.control.setting.Expiration;
import dev.espalier.engine.Steps;
import dev.espalier.storage.Backend;
import dev.espalier.testing.TestWait;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of roles and databases that SQL has a hand in, too. */
class ClusterChangesTest {

    private static final String SHOP = "shop";
    private static final String PRODUCTION = "production";
    private static final String DATABASE = "databricks_postgres";

    @TempDir
    static Path directory;

    private static TestPlane test;
    private static volatile Steps steps = step -> {};

    @BeforeEach
    void startOnce() {
        if (test == null) {
            start();
            test.succeed(test.plane.projects().create(CALLER, SHOP, PLAIN));
        }
    }

    private static void start() {
        test = new TestPlane(directory, Backend.COPY, step -> steps.reached(step), Clock.systemUTC());
    }

    @AfterEach
    void goOn() {
        steps = step -> {};
    }

    @AfterAll
    static void stop() {
        test.close();
        TestPlane.stopLeftovers(directory);
    }

    @Test
    void aRoleIsNoHeirOfItsOwn() throws SQLException {
        make("owner1");
        asSuperuser("CREATE TABLE public.kept (v int); ALTER TABLE public.kept OWNER TO owner1");
        String itself = "projects/shop/branches/production/roles/owner1";
        for (String heir : List.of("owner1", itself)) {
            assertThatThrownBy(() -> test.plane.roles().delete(CALLER, SHOP, PRODUCTION, "owner1", Optional.of(heir)))
                    .hasMessageContaining("cannot go to itself");
        }
        assertThat(value("SELECT to_regclass('public.kept')::text")).isEqualTo("kept");
    }

    @Test
    void aRoleOfAnotherBranchIsNotTakenForOneOfThisName() {
        make("owner2");
        make("heir2");
        assertThatThrownBy(() -> test.plane
                        .roles()
                        .delete(
                                CALLER,
                                SHOP,
                                PRODUCTION,
                                "owner2",
                                Optional.of("projects/other/branches/production/roles/heir2")))
                .hasMessageContaining("is not a role of projects/shop/branches/production");
    }

    @Test
    void membershipsThatOthersHaveGrantedAreTakenAwayToo() throws SQLException {
        make("member1");
        asSuperuser("CREATE ROLE team1; GRANT team1 TO tester WITH ADMIN OPTION");
        asTester("GRANT team1 TO member1 WITH ADMIN OPTION");
        RoleChange none =
                new RoleChange(Optional.empty(), Optional.empty(), Optional.of(List.of()), RoleChange.Attributes.NONE);
        test.succeed(test.plane.roles().update(CALLER, SHOP, PRODUCTION, "member1", none));
        assertThat(test.plane.roles().get(SHOP, PRODUCTION, "member1").memberOf())
                .isEmpty();
    }

    @Test
    void aMembershipThatStaysTakesNothingFromThoseWhomItWasGivenOnTo() throws SQLException {
        make("giver");
        make("taker");
        asSuperuser("CREATE ROLE team2; GRANT team2 TO giver WITH ADMIN OPTION; SET ROLE giver; GRANT team2 TO taker");
        RoleChange same = new RoleChange(
                Optional.empty(), Optional.empty(), Optional.of(List.of("team2")), RoleChange.Attributes.NONE);
        test.succeed(test.plane.roles().update(CALLER, SHOP, PRODUCTION, "giver", same));
        assertThat(test.plane.roles().get(SHOP, PRODUCTION, "taker").memberOf()).containsExactly("team2");
    }

    /** Its end could not be written down, and the name was given anew before the next start. */
    @Test
    void aDropThatWasDoneDoesNotDropWhatHasTheNameSince() throws SQLException {
        make("again1");
        test.succeed(
                test.plane.databases().create(CALLER, SHOP, PRODUCTION, "again-db", Optional.empty(), "tester", false));
        List<Operation> dropped = List.of(
                test.plane.databases().delete(CALLER, SHOP, PRODUCTION, "again-db"),
                test.plane.roles().delete(CALLER, SHOP, PRODUCTION, "again1", Optional.empty()));
        dropped.forEach(test::succeed);
        make("again1");
        test.succeed(
                test.plane.databases().create(CALLER, SHOP, PRODUCTION, "again-db", Optional.empty(), "tester", false));
        interrupted(dropped);
        test.close();
        start();
        dropped.forEach(test::succeed);
        assertThat(test.plane.databases().get(SHOP, PRODUCTION, "again-db").postgresDatabase())
                .isEqualTo("again-db");
        assertThat(test.plane.roles().get(SHOP, PRODUCTION, "again1").postgresRole())
                .isEqualTo("again1");
    }

    @Test
    void whatSqlMakesTakesNobodysId() throws SQLException {
        test.succeed(test.plane
                .roles()
                .create(CALLER, SHOP, PRODUCTION, "alice-example-com", wanted("alice@example.com"), false));
        test.succeed(test.plane
                .databases()
                .create(CALLER, SHOP, PRODUCTION, "sales-eu", Optional.of("sales_eu"), "tester", false));
        asSuperuser("CREATE ROLE \"alice-example-com\"", "CREATE DATABASE \"sales-eu\"");
        assertThat(test.plane.roles().get(SHOP, PRODUCTION, "alice-example-com").postgresRole())
                .isEqualTo("alice@example.com");
        assertThat(test.plane
                        .roles()
                        .get(SHOP, PRODUCTION, "alice-example-com-2")
                        .postgresRole())
                .isEqualTo("alice-example-com");
        assertThat(test.plane.databases().get(SHOP, PRODUCTION, "sales-eu").postgresDatabase())
                .isEqualTo("sales_eu");
        assertThat(test.plane.databases().get(SHOP, PRODUCTION, "sales-eu-2").postgresDatabase())
                .isEqualTo("sales-eu");
    }

    @Test
    void whatSqlHasMadeKeepsTheIdItWasFirstShownWith() throws SQLException {
        asSuperuser("CREATE DATABASE app_data", "CREATE ROLE \"anna.b\"");
        assertThat(databaseOf("app-data")).isEqualTo("app_data");
        assertThat(roleOf("anna-b")).isEqualTo("anna.b");
        // Those come first in the order of names.
        asSuperuser("CREATE DATABASE \"app-data\"", "CREATE ROLE \"anna-b\"");
        assertThat(databaseOf("app-data")).isEqualTo("app_data");
        assertThat(databaseOf("app-data-2")).isEqualTo("app-data");
        assertThat(roleOf("anna-b")).isEqualTo("anna.b");
        assertThat(roleOf("anna-b-2")).isEqualTo("anna-b");

        NewBranch wanted = new NewBranch(Optional.empty(), new Moment.Now(), false, new Expiration.Never());
        test.succeed(test.plane.branches().create(CALLER, SHOP, "same-ids", wanted, false));
        asSuperuser("DROP DATABASE app_data", "DROP ROLE \"anna.b\"");
        assertThatThrownBy(() -> databaseOf("app-data")).hasMessageContaining("there is no database app-data");
        assertThatThrownBy(() -> roleOf("anna-b")).hasMessageContaining("there is no role anna-b");
        assertThat(databaseOf("app-data-2")).isEqualTo("app-data");
        assertThat(test.plane.databases().get(SHOP, "same-ids", "app-data").postgresDatabase())
                .isEqualTo("app_data");
        assertThat(test.plane.roles().get(SHOP, "same-ids", "anna-b-2").postgresRole())
                .isEqualTo("anna-b");
        test.succeed(test.plane.branches().delete(CALLER, SHOP, "same-ids", true));
    }

    /** As when the answer to the first call was lost. */
    @Test
    void aDropThatIsAskedForAgainDropsNothingElse() throws SQLException {
        asSuperuser("CREATE DATABASE \"twin-db\"", "CREATE DATABASE twin_db");
        test.succeed(test.plane.databases().delete(CALLER, SHOP, PRODUCTION, "twin-db"));
        assertThatThrownBy(() -> test.plane.databases().delete(CALLER, SHOP, PRODUCTION, "twin-db"))
                .hasMessageContaining("there is no database twin-db");
        assertThat(databaseOf("twin-db-2")).isEqualTo("twin_db");
    }

    @Test
    void anIdThatIsMadeFromANameReplacesNothingOfAnotherName() throws SQLException {
        asSuperuser("CREATE DATABASE \"like-db\"", "CREATE ROLE \"like-role\"");
        assertThatThrownBy(() -> test.plane
                        .databases()
                        .create(CALLER, SHOP, PRODUCTION, "like-db", Optional.of("like_db"), "tester", true))
                .hasMessageContaining("already exists, for the database like-db");
        assertThatThrownBy(() ->
                        test.plane.roles().create(CALLER, SHOP, PRODUCTION, "like-role", wanted("like_role"), true))
                .hasMessageContaining("already exists, for the role like-role");
    }

    @Test
    void whatIsShownToSeveralAtOnceHasOneId() throws Exception {
        asSuperuser("CREATE DATABASE at_once", "CREATE DATABASE \"at-once\"", "CREATE DATABASE \"at.once\"");
        List<CompletableFuture<List<String>>> shown = IntStream.range(0, 6)
                .mapToObj(_ -> CompletableFuture.supplyAsync(ClusterChangesTest::idsAtOnce, Thread::startVirtualThread))
                .toList();
        for (CompletableFuture<List<String>> ids : shown) {
            assertThat(ids.get()).isEqualTo(List.of("at-once=at-once", "at-once-2=at.once", "at-once-3=at_once"));
        }
    }

    private static List<String> idsAtOnce() {
        return test.plane.databases().list(SHOP, PRODUCTION, 100, Optional.empty()).items().stream()
                .filter(database -> database.postgresDatabase().startsWith("at"))
                .map(database -> database.databaseId() + "=" + database.postgresDatabase())
                .toList();
    }

    private static String databaseOf(String id) {
        return test.plane.databases().get(SHOP, PRODUCTION, id).postgresDatabase();
    }

    private static String roleOf(String id) {
        return test.plane.roles().get(SHOP, PRODUCTION, id).postgresRole();
    }

    @Test
    void aRenameThatWasDoneIsNotDoneToWhatHasTheOldNameSince() throws SQLException {
        make("renamed1");
        create(PRODUCTION, "renamed-db");
        RoleChange rename =
                new RoleChange(Optional.of("renamed2"), Optional.empty(), Optional.empty(), RoleChange.Attributes.NONE);
        List<Operation> renamed = List.of(
                test.succeed(test.plane
                        .databases()
                        .update(CALLER, SHOP, PRODUCTION, "renamed-db", Optional.of("new-db"), Optional.empty())),
                test.succeed(test.plane.roles().update(CALLER, SHOP, PRODUCTION, "renamed1", rename)));
        asSuperuser("CREATE DATABASE \"renamed-db\"", "CREATE ROLE renamed1");
        interrupted(renamed);
        test.close();
        start();
        renamed.forEach(test::succeed);
        assertThat(value("SELECT string_agg(datname, ',' ORDER BY datname) FROM pg_database "
                        + "WHERE datname IN ('renamed-db', 'new-db')"))
                .isEqualTo("new-db,renamed-db");
        assertThat(value("SELECT count(*) FROM pg_roles WHERE rolname IN ('renamed1', 'renamed2')"))
                .isEqualTo("2");
    }

    @Test
    void whatIsAskedForBeforeAnInterruptedChangeIsFinishedHolds() throws SQLException {
        make("torn");
        List<Operation> both = List.of(
                test.succeed(test.plane.roles().update(CALLER, SHOP, PRODUCTION, "torn", createdb(true))),
                test.succeed(test.plane.roles().update(CALLER, SHOP, PRODUCTION, "torn", createdb(true))));
        interrupted(both);
        test.close();
        CountDownLatch asked = new CountDownLatch(1);
        AtomicBoolean first = new AtomicBoolean(true);
        steps = step -> {
            if (step.equals("cluster.made") && first.getAndSet(false)) {
                // As long as somebody could come between the two.
                await(asked, 2);
            }
        };
        start();
        Operation later = test.plane.roles().update(CALLER, SHOP, PRODUCTION, "torn", createdb(false));
        asked.countDown();
        test.succeed(later);
        both.forEach(test::succeed);
        assertThat(test.plane.roles().get(SHOP, PRODUCTION, "torn").attributes().createdb())
                .isFalse();
    }

    @Test
    void aDropThatWaitedBehindAResetDoesNotDropAnotherOfItsName() throws Exception {
        create(PRODUCTION, "same");
        NewBranch wanted = new NewBranch(Optional.empty(), new Moment.Now(), false, new Expiration.Never());
        test.succeed(test.plane.branches().create(CALLER, SHOP, "turned", wanted, false));
        CountDownLatch reset = new CountDownLatch(1);
        AtomicBoolean first = new AtomicBoolean(true);
        steps = step -> {
            if (step.equals("cluster.made") && first.getAndSet(false)) {
                await(reset, 30);
            }
        };
        CompletableFuture<Operation> before = CompletableFuture.supplyAsync(
                () -> test.plane
                        .databases()
                        .update(CALLER, SHOP, "turned", "same", Optional.empty(), Optional.of("tester")),
                Thread::startVirtualThread);
        TestWait.until(() -> !first.get());
        CompletableFuture<Operation> drop = CompletableFuture.supplyAsync(
                () -> test.plane.databases().delete(CALLER, SHOP, "turned", "same"), Thread::startVirtualThread);
        TestWait.until(() -> !test.rows("SELECT uid FROM control.operation WHERE kind = 'DELETE_DATABASE' AND NOT done")
                .isEmpty());
        test.succeed(test.plane.databases().delete(CALLER, SHOP, PRODUCTION, "same"));
        create(PRODUCTION, "same");
        test.succeed(test.plane.branches().reset(CALLER, SHOP, "turned"));
        reset.countDown();
        test.succeed(before.get());
        String uid = drop.get().uid();
        TestWait.until(() -> test.plane.operations().get(uid).done());
        assertThat(test.plane.operations().get(uid).error().orElseThrow().message())
                .contains("has been dropped or renamed meanwhile");
        assertThat(test.plane.databases().get(SHOP, "turned", "same").postgresDatabase())
                .isEqualTo("same");
        test.succeed(test.plane.branches().delete(CALLER, SHOP, "turned", true));
    }

    @Test
    void theNameOfADatabaseThatSqlHasDroppedIsFree() throws SQLException {
        test.succeed(
                test.plane.databases().create(CALLER, SHOP, PRODUCTION, "one", Optional.of("Uno"), "tester", false));
        asSuperuser("DROP DATABASE \"Uno\"");
        test.succeed(
                test.plane.databases().create(CALLER, SHOP, PRODUCTION, "dos", Optional.of("Uno"), "tester", false));
        assertThat(test.plane.databases().get(SHOP, PRODUCTION, "dos").postgresDatabase())
                .isEqualTo("Uno");
    }

    /** They were refused; a kill between their beginning and the refusal is the same as to have them begin anew. */
    @Test
    void whatIsFinishedAfterAKillTakesNothingThatIsSomebodyElses() throws SQLException {
        make("member2");
        test.succeed(
                test.plane.databases().create(CALLER, SHOP, PRODUCTION, "mine", Optional.of("mine"), "tester", false));
        asSuperuser("CREATE DATABASE sqlmade", "CREATE ROLE sqlrole");
        List<Operation> refused = List.of(
                test.plane.databases().create(CALLER, SHOP, PRODUCTION, "two", Optional.of("sqlmade"), "tester", false),
                test.plane
                        .databases()
                        .update(CALLER, SHOP, PRODUCTION, "mine", Optional.of("sqlmade"), Optional.empty()),
                test.plane.roles().create(CALLER, SHOP, PRODUCTION, "another", wanted("sqlrole"), false),
                test.plane
                        .roles()
                        .update(
                                CALLER,
                                SHOP,
                                PRODUCTION,
                                "member2",
                                new RoleChange(
                                        Optional.of("sqlrole"),
                                        Optional.empty(),
                                        Optional.empty(),
                                        RoleChange.Attributes.NONE)));
        assertThat(refused).allMatch(operation -> operation.error().isPresent());
        test.change("UPDATE control.operation SET done = false, error_code = NULL, error_message = NULL "
                + "WHERE error_code IS NOT NULL");
        test.close();
        start();
        for (Operation operation : refused) {
            TestWait.until(() -> test.plane.operations().get(operation.uid()).done());
            assertThat(test.plane.operations().get(operation.uid()).error())
                    .as(() -> operation + " "
                            + test.rows("SELECT row_to_json(o)::text FROM control.operation o WHERE uid = '"
                                    + operation.uid() + "'"))
                    .isPresent();
        }
        assertThat(test.plane.databases().get(SHOP, PRODUCTION, "sqlmade").postgresDatabase())
                .isEqualTo("sqlmade");
        assertThat(test.plane.databases().get(SHOP, PRODUCTION, "mine").postgresDatabase())
                .isEqualTo("mine");
        assertThat(test.plane.roles().get(SHOP, PRODUCTION, "member2").postgresRole())
                .isEqualTo("member2");
    }

    @ParameterizedTest
    @ValueSource(strings = {"role = 'own2'", "transaction_timeout = '1ms'", "local_preload_libraries = 'nothing'"})
    void noSettingOfADatabaseKeepsItFromBeingBranched(String setting) throws SQLException {
        asSuperuser("DROP ROLE IF EXISTS own2", "CREATE ROLE own2", "GRANT own2 TO tester");
        asSuperuser("ALTER DATABASE databricks_postgres SET " + setting);
        NewBranch wanted = new NewBranch(Optional.empty(), new Moment.Now(), false, new Expiration.Never());
        try {
            test.succeed(test.plane.branches().create(CALLER, SHOP, "copy", wanted, false));
            test.succeed(test.plane.branches().reset(CALLER, SHOP, "copy"));
            test.succeed(test.plane.branches().delete(CALLER, SHOP, "copy", true));
        } finally {
            asSuperuser("ALTER DATABASE databricks_postgres RESET ALL");
        }
    }

    private static void await(CountDownLatch latch, int seconds) {
        try {
            var _ = latch.await(seconds, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** As if Espalier had ended before it wrote their ends down. */
    private static void interrupted(List<Operation> operations) {
        for (Operation operation : operations) {
            test.change("UPDATE control.operation SET done = false WHERE uid = '" + operation.uid() + "'");
        }
    }

    private static void create(String branch, String database) {
        test.succeed(test.plane.databases().create(CALLER, SHOP, branch, database, Optional.empty(), "tester", false));
    }

    private static RoleChange createdb(boolean wanted) {
        return new RoleChange(
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                new RoleChange.Attributes(Optional.of(wanted), Optional.empty(), Optional.empty()));
    }

    private static NewRole wanted(String postgresRole) {
        return new NewRole(
                Optional.of(postgresRole),
                Role.IdentityType.IDENTITY_TYPE_UNSPECIFIED,
                Optional.empty(),
                List.of(),
                new Role.Attributes(false, false, false));
    }

    private static void make(String role) {
        test.succeed(test.plane.roles().create(CALLER, SHOP, PRODUCTION, role, wanted(role), false));
    }

    private static String value(String sql) throws SQLException {
        return test.query(PRODUCTION, sql);
    }

    private static void asTester(String sql) throws SQLException {
        test.execute(PRODUCTION, sql);
    }

    private static void asSuperuser(String... statements) throws SQLException {
        String uid =
                test.plane.endpoints().get(SHOP, PRODUCTION, Endpoint.PRIMARY).uid();
        test.plane.endpoints().wake(uid);
        try (var session = test.engine.connect(uid, DATABASE);
                var statement = session.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }
}
