package dev.espalier.control;

import static dev.espalier.control.TestPlane.CALLER;
import static dev.espalier.control.TestPlane.PLAIN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.control.request.Address;
import dev.espalier.control.request.Caller;
import dev.espalier.control.request.Moment;
import dev.espalier.control.setting.Expiration;
import dev.espalier.identity.Principal;
import dev.espalier.identity.PrincipalKind;
import dev.espalier.storage.Backend;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is whose on a branch when a name has been given anew. */
class RoleOwnersTest {

    private static final String DATABASE = "databricks_postgres";

    @TempDir
    static Path directory;

    private static TestPlane test;
    private static Principal root;

    @BeforeAll
    static void start() throws SQLException {
        test = TestPlane.start(directory, Backend.COPY);
        test.plane.principals().addAdministrator("root-id", "root", "none");
        root = test.plane.principals().named("root").orElseThrow();
        test.succeed(test.plane.projects().create(CALLER, "shop", PLAIN));
        test.execute("production", "CREATE TABLE payroll (amount int); INSERT INTO payroll VALUES (1)");
    }

    @AfterAll
    static void stop() {
        test.close();
        TestPlane.stopLeftovers(directory);
    }

    @Test
    void whoGetsARemovedPrincipalsNameGetsNothingThatWasHis() throws SQLException {
        Directory.Entry first = comes("ann@example.com", "shop");
        open("ann@example.com", "shop", "production");
        test.execute(
                "production",
                "GRANT SELECT ON payroll TO \"ann@example.com\"; GRANT CREATE ON SCHEMA public TO \"ann@example.com\"");
        as("ann@example.com", "production", "CREATE TABLE salary (amount int)");
        test.succeed(test.plane
                .branches()
                .create(
                        CALLER,
                        "shop",
                        "earlier",
                        new NewBranch(Optional.empty(), new Moment.Now(), false, new Expiration.Never()),
                        false));

        leaves(first);
        comes("ann@example.com", "shop");
        for (String branch : List.of("production", "earlier")) {
            open("ann@example.com", "shop", branch);
            for (String statement : List.of(
                    "SELECT * FROM payroll",
                    "SELECT * FROM salary",
                    "DROP TABLE salary",
                    "CREATE TABLE more (v int)")) {
                assertThatThrownBy(() -> as("ann@example.com", branch, statement))
                        .as(branch + ": " + statement)
                        .hasMessageMatching("(?s).*(permission denied|must be owner).*");
            }
            assertThat(test.query(branch, "SELECT tableowner FROM pg_tables WHERE tablename = 'salary'"))
                    .isEqualTo(aside("ann@example.com", first));
        }
        assertThatThrownBy(() -> as(aside("ann@example.com", first), "production", "SELECT 1"))
                .hasMessageContaining("not permitted to log in");

        String heir = idOf("ann@example.com");
        test.succeed(test.plane
                .roles()
                .delete(CALLER, "shop", "production", idOf(aside("ann@example.com", first)), Optional.of(heir)));
        as("ann@example.com", "production", "DROP TABLE salary");
        open("ann@example.com", "shop", "production");
        assertThat(idOf("ann@example.com")).as("nothing happens again").isEqualTo(heir);
    }

    @Test
    void whoMadeAProjectLeavesItsDatabaseToNobodyWhoGetsHisName() throws SQLException {
        Directory.Entry maker = comes("maker", "shop");
        test.succeed(test.plane.projects().create(new Caller("maker", "test"), "own", PLAIN));
        leaves(maker);
        comes("maker", "own");
        open("maker", "own", "production");
        try (Connection session = test.connectAs("maker", "own", "production", DATABASE);
                var statement = session.createStatement();
                var rows = statement.executeQuery("""
                        SELECT pg_get_userbyid(datdba), (SELECT count(*) FROM pg_auth_members WHERE member = session_user::regrole)
                        FROM pg_database
                        WHERE datname = current_database()
                        """)) {
            rows.next();
            assertThat(rows.getString(1)).isEqualTo(aside("maker", maker));
            assertThat(rows.getInt(2)).isZero();
        }
    }

    @Test
    void aRoleThatTheApiMadeIsThatOfWhoHadItsNameThen() throws SQLException {
        Directory.Entry early = comes("early", "shop");
        NewRole wanted = new NewRole(
                Optional.of("early"),
                Role.IdentityType.USER,
                Optional.empty(),
                Optional.empty(),
                RoleChange.Attributes.NONE);
        test.succeed(test.plane.roles().create(CALLER, "shop", "production", "early", wanted, false));
        test.execute("production", "GRANT SELECT ON payroll TO early");
        leaves(early);
        comes("early", "shop");
        open("early", "shop", "production");
        assertThatThrownBy(() -> as("early", "production", "SELECT * FROM payroll"))
                .hasMessageContaining("permission denied");
        assertThat(idOf(aside("early", early))).isEqualTo("early");
    }

    @Test
    void aRoleThatIsMadeAfterTheOldOneWasDroppedIsTheSuccessors() throws SQLException {
        Directory.Entry first = comes("again", "shop");
        open("again", "shop", "production");
        leaves(first);
        test.succeed(test.plane.roles().delete(CALLER, "shop", "production", idOf("again"), Optional.empty()));
        test.execute("production", "CREATE ROLE again LOGIN; GRANT SELECT ON payroll TO again");

        comes("again", "shop");
        open("again", "shop", "production");

        as("again", "production", "SELECT * FROM payroll");
    }

    @Test
    void aNameOfFullLengthIsSetAsideWithWhatTellsItApart() throws SQLException {
        String longest = "ö".repeat(31) + "!";
        List<String> names = new ArrayList<>();
        for (int time = 0; time < 3; time++) {
            Directory.Entry entry = comes(longest, "shop");
            open(longest, "shop", "production");
            leaves(entry);
            names.add("ö".repeat(22) + " (deleted " + entry.uid().substring(0, 8) + ")");
        }
        comes(longest, "shop");
        open(longest, "shop", "production");
        for (String name : names) {
            assertThat(test.query("production", "SELECT count(*) FROM pg_roles WHERE rolname = '" + name + "'"))
                    .as(name)
                    .isEqualTo("1");
        }
    }

    @Test
    void theSessionsOfWhoIsRemovedEndAndNoneBegins() {
        Directory.Entry leaver = comes("leaver", "shop");
        Directory.Entry other = comes("other", "shop");
        Logins.Destination to = open("leaver", "shop", "production");
        List<String> ended = new ArrayList<>();
        Runnable leave = test.plane.logins().enter(to, "psql", _ -> {}, () -> ended.add("leaver"));
        test.plane.logins().enter(open("other", "shop", "production"), "psql", _ -> {}, () -> ended.add("other"));
        leaves(leaver);
        assertThat(ended).containsExactly("leaver");
        assertThatThrownBy(() -> test.plane.logins().enter(to, "psql", _ -> {}, () -> {}))
                .hasMessageContaining("has been removed during the sign-in");
        leave.run();
        leaves(other);
    }

    private static Directory.Entry comes(String name, String project) {
        Directory.Entry entry = test.plane
                .directory()
                .create(
                        root,
                        new Directory.NewPrincipal(
                                PrincipalKind.USER, name, Optional.empty(), Optional.empty(), true, Set.of()))
                .after()
                .orElseThrow();
        test.plane
                .access()
                .change(
                        root,
                        project,
                        List.of(new AccessLists.Wanted(name, Optional.empty(), Permission.CAN_USE)),
                        false);
        return entry;
    }

    private static void leaves(Directory.Entry entry) {
        test.plane.directory().delete(root, entry.kind(), entry.id());
    }

    private static Logins.Destination open(String name, String project, String branch) {
        return test.plane
                .logins()
                .open(
                        test.plane.principals().named(name).orElseThrow(),
                        Optional.empty(),
                        Address.parse(project + "/" + DATABASE + "@" + branch),
                        Optional.empty());
    }

    private static void as(String role, String branch, String sql) throws SQLException {
        try (Connection session = test.connectAs(role, branch, DATABASE);
                var statement = session.createStatement()) {
            statement.execute(sql);
        }
    }

    private static String aside(String name, Directory.Entry entry) {
        return name + " (deleted " + entry.uid().substring(0, 8) + ")";
    }

    private static String idOf(String role) {
        return test.plane.roles().list("shop", "production", 100, Optional.empty()).items().stream()
                .filter(found -> found.postgresRole().equals(role))
                .findFirst()
                .orElseThrow()
                .roleId();
    }
}
