package dev.espalier.control;

import static dev.espalier.control.TestPlane.CALLER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.control.request.Moment;
import dev.espalier.control.setting.Expiration;
import dev.espalier.journal.Sku;
import dev.espalier.testing.TestWait;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What becomes of mirrors beside what is masked in them, which nothing is here. */
class MirrorsTest extends GovernedShop {

    private static final String EVIL = "public;ALTER/**/ROLE/**/app/**/SUPERUSER";

    @BeforeAll
    static void mirror() throws SQLException {
        define(mask());
        try (Connection session = test.connect("production", DATABASE);
                var statement = session.createStatement()) {
            statement.execute("CREATE TABLE orders (id int PRIMARY KEY, note text)");
            statement.execute("INSERT INTO orders VALUES (1, 'first')");
            statement.execute("CREATE AGGREGATE every_row(*) (sfunc = int8inc, stype = int8, initcond = '0')");
            statement.execute("CREATE FUNCTION first_of(int, VARIADIC int[]) RETURNS int LANGUAGE sql RETURN $1");
            statement.execute("CREATE AGGREGATE all_first(VARIADIC int[]) (sfunc = first_of, stype = int)");
            statement.execute("CREATE PROCEDURE nothing(IN x int, OUT y int) LANGUAGE sql AS 'SELECT 1'");
            statement.execute("CREATE ROLE app");
            statement.execute("SELECT set_config('search_path', '" + EVIL + "', false)");
            statement.execute("ALTER ROLE app SET search_path FROM CURRENT");
            statement.execute("ALTER DATABASE " + DATABASE + " SET search_path FROM CURRENT");
        }
        mirror("masked", "production");
        try (Connection session = test.connect("production", DATABASE);
                var statement = session.createStatement()) {
            statement.execute("ALTER DATABASE " + DATABASE + " RESET search_path");
        }
    }

    /** The rules stay. */
    @Override
    @AfterEach
    void clean() {
        test.admission.failure = Optional.empty();
        test.admission.first = session -> {};
    }

    private static void mirror(String name, String source) {
        test.succeed(create(
                name,
                new NewBranch(
                        Optional.of(source),
                        new Moment.Now(),
                        Optional.empty(),
                        new Expiration.Never(),
                        Optional.of("analysts"))));
        awaitState(name, Mirror.State.STREAMING);
    }

    private static Operation create(String name, NewBranch wanted) {
        return test.plane.branches().create(CALLER, "shop", name, wanted, false);
    }

    private static Operation from(String source, String name, boolean isProtected) {
        return create(name, new NewBranch(Optional.of(source), new Moment.Now(), isProtected, new Expiration.Never()));
    }

    private static Mirror stateOf(String mirror) {
        return test.plane.branches().get("shop", mirror).mirror().orElseThrow();
    }

    private static void awaitState(String mirror, Mirror.State state) {
        TestWait.until(() -> stateOf(mirror).state() == state);
    }

    private static String failure(Operation operation) {
        TestWait.until(() -> test.plane.operations().get(operation.uid()).done());
        return String.valueOf(
                test.plane.operations().get(operation.uid()).error().orElseThrow());
    }

    private static Endpoint primary(String branch) {
        return test.plane.endpoints().get("shop", branch, Endpoint.PRIMARY);
    }

    private static List<String> asSuperuser(String branch, String query) throws SQLException {
        try (Connection session = test.engine.connect(primary(branch).uid(), DATABASE);
                var statement = session.createStatement();
                var rows = statement.executeQuery(query)) {
            List<String> values = new ArrayList<>();
            while (rows.next()) {
                values.add(rows.getString(1));
            }
            return values;
        }
    }

    @Test
    void settingsOfASourceAreNoStatementsOnItsMirror() throws SQLException {
        assertThat(asSuperuser("masked", "SELECT rolsuper FROM pg_roles WHERE rolname = 'app'"))
                .containsExactly("f");
        assertThat(
                        asSuperuser(
                                "masked",
                                "SELECT DISTINCT unnest(setconfig) FROM pg_db_role_setting WHERE setrole <> current_user::regrole"))
                .containsExactly("search_path=\"" + EVIL.toLowerCase(Locale.ROOT) + "\"");
    }

    @Test
    void routinesOfEveryKindComeAlong() throws SQLException {
        assertThat(asSuperuser("masked", """
                        SELECT proname || ' ' || pg_get_userbyid(proowner) FROM pg_proc
                        WHERE pronamespace = 'public'::regnamespace AND proname IN ('every_row', 'all_first', 'nothing')
                        ORDER BY 1
                        """))
                .containsExactly(
                        "all_first databricks_superuser",
                        "every_row databricks_superuser",
                        "nothing databricks_superuser");
    }

    @Test
    void aMirrorsFeedReadsWhatIsPublishedAndNoMore() throws SQLException {
        String feed =
                asSuperuser("masked", "SELECT subname FROM pg_subscription").getFirst();
        assertThat(asSuperuser(
                        "production",
                        "SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'"
                                + " AND has_any_column_privilege('" + feed + "', c.oid, 'SELECT')"))
                .containsExactly("orders");
        assertThat(asSuperuser("masked", "SELECT subconninfo FROM pg_subscription")
                        .getFirst())
                .contains("user=" + feed);
    }

    @Test
    void copiesOfASourceHaveNothingOfWhatFeedsItsMirrors() throws SQLException {
        test.succeed(from("production", "plain", false));
        assertThat(asSuperuser("plain", "SELECT pubname FROM pg_publication")).isEmpty();
        assertThat(asSuperuser("plain", "SELECT rolname FROM pg_roles WHERE rolname ~ '^espalier_mirror_'"))
                .isEmpty();
        assertThat(asSuperuser("production", "SELECT pubname FROM pg_publication"))
                .isNotEmpty();
        assertThat(test.plane.roles().list("shop", "production", 100, Optional.empty()).items().stream()
                        .map(Role::postgresRole))
                .noneMatch(role -> role.startsWith("espalier_mirror_"));
    }

    @Test
    void aMirrorWhoseServerHasEndedGoesOnByItselfAndTakesNothingBeforeTheRulesAreAsked() throws SQLException {
        mirror("resumed", "production");
        String uid = primary("resumed").uid();
        List<String> workers = new CopyOnWriteArrayList<>();
        test.admission.first = session -> {
            try (var statement = session.createStatement();
                    var rows = statement.executeQuery("SELECT current_setting('max_logical_replication_workers'),"
                            + " EXISTS (SELECT FROM pg_subscription WHERE subenabled)")) {
                rows.next();
                if (rows.getBoolean(2)) {
                    workers.add(rows.getString(1));
                }
            }
        };
        test.engine.stop(uid);
        test.execute("production", "INSERT INTO orders VALUES (2, 'later')");
        TestWait.until(() -> test.engine.isRunning(uid)
                && asSuperuser("resumed", "SELECT note FROM public.orders WHERE id = 2")
                        .contains("later"));
        assertThat(workers).containsExactly("0");
        awaitState("resumed", Mirror.State.STREAMING);
    }

    @Test
    void whatADatabaseAllowsAStatementEndsNoFirstCopy() throws SQLException {
        test.succeed(from("production", "hurried", true));
        test.execute("hurried", "INSERT INTO orders SELECT n, repeat('x', 100) FROM generate_series(10, 200000) n");
        for (String limit : asSuperuser("hurried", """
                SELECT name FROM pg_settings
                WHERE name IN ('statement_timeout', 'transaction_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout')
                """)) {
            test.execute("hurried", "ALTER DATABASE " + DATABASE + " SET " + limit + " = '20ms'");
        }
        mirror("patient", "hurried");
        assertThat(asSuperuser("patient", "SELECT count(*) > 199990 FROM public.orders"))
                .containsExactly("t");
        test.succeed(test.plane.branches().delete(CALLER, "shop", "patient", true));
    }

    @Test
    void aMirrorThatCannotApplyWhatComesSaysNothingOfValues() throws SQLException {
        mirror("stuck", "production");
        try (Connection session = test.engine.connect(primary("stuck").uid(), DATABASE);
                var statement = session.createStatement()) {
            statement.execute("ALTER TABLE public.orders ALTER COLUMN note TYPE int USING 1");
        }
        test.execute("production", "INSERT INTO orders VALUES (3, 'RawNote')");
        awaitState("stuck", Mirror.State.STOPPED);
        assertThat(stateOf("stuck").reason().orElseThrow())
                .contains("SQLSTATE 22P02")
                .doesNotContain("RawNote");
        test.succeed(test.plane.branches().delete(CALLER, "shop", "stuck", true));
    }

    @Test
    void whatIsMadeFromABranchOfAMirrorIsReleasedToo() {
        test.succeed(from("masked", "ci", false));
        int before = test.admission.released.size();
        test.succeed(from("ci", "of-ci", false));
        assertThat(test.admission.released.subList(before, test.admission.released.size()))
                .contains(DATABASE);
    }

    @Test
    void aMirrorThatExpiredIsOutOfDateWhenItIsBroughtBack() {
        mirror("short", "production");
        test.change("UPDATE control.branch SET expire_time = now() WHERE branch_id = 'short'");
        TestWait.until(() -> test.plane.branches().get("shop", "short").state() == Branch.State.DELETED);
        test.succeed(test.plane.branches().undelete(CALLER, "shop", "short"));
        assertThat(stateOf("short").state()).isEqualTo(Mirror.State.OUT_OF_DATE);
        assertThat(failure(from("short", "stale", false))).contains("out of date");
    }

    @Test
    void aMirrorOfWhichItsSourceHoldsNothingIsOutOfDate() {
        mirror("forgotten", "production");
        test.change(
                "DELETE FROM control.mirror_feed WHERE mirror_uid = (SELECT uid FROM control.branch WHERE branch_id = 'forgotten')");
        assertThat(failure(from("forgotten", "stale2", false))).contains("out of date");
        awaitState("forgotten", Mirror.State.OUT_OF_DATE);
    }

    @Test
    void aMirrorWhoseSourceIsGoneSaysSoAndKeepsNoOtherFromItsOwn() {
        test.succeed(from("production", "passing-by", true));
        mirror("lost", "passing-by");
        test.succeed(test.plane.branches().delete(CALLER, "shop", "lost", false));
        TestWait.until(() -> {
            test.succeed(test.plane
                    .branches()
                    .update(CALLER, "shop", "passing-by", new BranchChange(Optional.of(false), Optional.empty())));
            return true;
        });
        test.succeed(test.plane.branches().delete(CALLER, "shop", "passing-by", true));
        test.succeed(test.plane.branches().undelete(CALLER, "shop", "lost"));

        mirror("found", "production");
        assertThat(stateOf("lost").state()).isEqualTo(Mirror.State.OUT_OF_DATE);
        assertThat(stateOf("lost").reason().orElseThrow()).contains("source is gone");
        assertThatThrownBy(() -> test.plane.branches().reset(CALLER, "shop", "lost"))
                .hasMessageContaining("Delete it");
        assertThatThrownBy(() -> test.plane
                        .branches()
                        .restore(CALLER, "shop", "lost", new Moment.At(Instant.now()), Optional.empty()))
                .hasMessageContaining("Delete it");
        test.succeed(test.plane.branches().delete(CALLER, "shop", "lost", true));
    }

    @Test
    void aMirrorIsMeteredAsLongAsItRuns() {
        mirror("metered", "production");
        test.plane.meter();
        Instant looked = Instant.now();
        test.succeed(test.plane.branches().delete(CALLER, "shop", "metered", true));
        assertThat(test.usage)
                .filteredOn(record -> record.sku() == Sku.COMPUTE
                        && record.attribution().branch().name().equals("metered"))
                .anyMatch(record -> record.end().isAfter(looked));
    }

    @Test
    void whatAMirrorFollowsStaysDurable() {
        test.succeed(from("production", "staging", true));
        mirror("of-staging", "staging");
        assertThat(failure(test.plane
                        .branches()
                        .update(CALLER, "shop", "staging", new BranchChange(Optional.of(false), Optional.empty()))))
                .contains("of-staging");
        makeDefault("staging");
        test.succeed(test.plane
                .branches()
                .update(CALLER, "shop", "staging", new BranchChange(Optional.of(false), Optional.empty())));
        assertThat(failure(defaultIs("production"))).contains("of-staging");
        test.succeed(test.plane
                .branches()
                .update(CALLER, "shop", "staging", new BranchChange(Optional.of(true), Optional.empty())));
        makeDefault("production");
        test.succeed(test.plane.branches().delete(CALLER, "shop", "of-staging", true));
        TestWait.until(() -> asSuperuser(
                        "staging",
                        "SELECT slot_name FROM pg_replication_slots UNION ALL"
                                + " SELECT rolname FROM pg_roles WHERE rolname ~ '^espalier_mirror_'")
                .isEmpty());
        TestWait.until(() -> {
            test.succeed(test.plane
                    .branches()
                    .update(CALLER, "shop", "staging", new BranchChange(Optional.of(false), Optional.empty())));
            return true;
        });
    }

    private static void makeDefault(String branch) {
        test.succeed(defaultIs(branch));
    }

    private static Operation defaultIs(String branch) {
        return test.plane
                .projects()
                .update(
                        CALLER,
                        "shop",
                        new ProjectChange(
                                Optional.empty(),
                                Optional.empty(),
                                Optional.of(branch),
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty()));
    }

    @Test
    void aPassingFailureEndsNoMirror() {
        mirror("passing", "production");
        test.admission.failure = Optional.of("just now not");
        assertThat(failure(test.plane.branches().reset(CALLER, "shop", "passing")))
                .contains("just now not");
        awaitState("passing", Mirror.State.STOPPED);
        assertThat(stateOf("passing").reason().orElseThrow()).contains("just now not");
        test.admission.failure = Optional.empty();
        awaitState("passing", Mirror.State.STREAMING);
    }

    @Test
    void aMirrorGoesOnAndWhatIsMadeOfItOpensWhenTheGroupThatItIsMaskedForIsRenamed() throws SQLException {
        mirror("renamed", "production");
        test.succeed(from("renamed", "of-renamed", false));
        rename("researchers");
        try {
            assertThat(test.plane.branches().get("shop", "renamed").maskedFor()).contains("researchers");
            for (String branch : List.of("renamed", "of-renamed")) {
                test.succeed(test.plane.endpoints().suspend(CALLER, "shop", branch, Endpoint.PRIMARY));
                test.plane.endpoints().wake(primary(branch).uid());
            }
            assertThat(asSuperuser("of-renamed", "SELECT note FROM public.orders WHERE id = 1"))
                    .containsExactly("first");
            awaitState("renamed", Mirror.State.STREAMING);
        } finally {
            rename("analysts");
        }
        test.succeed(test.plane.branches().delete(CALLER, "shop", "of-renamed", true));
        test.succeed(test.plane.branches().delete(CALLER, "shop", "renamed", true));
    }

    private static void rename(String name) {
        test.plane
                .directory()
                .change(
                        root,
                        analysts.kind(),
                        analysts.id(),
                        group -> new Directory.Change(
                                name,
                                group.fullName(),
                                group.externalId(),
                                group.active(),
                                Directory.Change.none(group).members()));
    }
}
