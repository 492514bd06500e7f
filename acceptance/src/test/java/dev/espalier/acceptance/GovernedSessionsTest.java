package dev.espalier.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.cli.Espalier;
import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** One policy, made by the command line, in the sessions of everybody on every branch. */
class GovernedSessionsTest {

    private static final JsonMapper JSON = new JsonMapper();
    private static final String TABLE = "databricks_postgres.public.people";
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final String EMAILS = "SELECT email FROM people ORDER BY id";

    private static TestHome home;
    private static ServerProcess server;
    private static int port;
    private static String analyst;

    @BeforeAll
    static void begin() throws IOException, InterruptedException, SQLException {
        home = new TestHome();
        server = home.start("--http.port=0");
        port = server.gatewayPort();
        command("projects", "create", "shop");
        analyst = JSON.readTree(command("principals", "create", "analyst", "-o", "json"))
                .get("client_secret")
                .asString();
        command("groups", "create", "team");
        command("groups", "add", "team", "analyst");
        command("permissions", "grant", "CAN_USE", "team");
        try (Connection session = asAdministrator("databricks_postgres");
                var statement = session.createStatement()) {
            statement.execute("CREATE TABLE people (id int PRIMARY KEY, email text, city text)");
            statement.execute("CREATE TABLE letters AS SELECT 1 AS id, 'ann@example.com' AS email");
            statement.execute(
                    "INSERT INTO people VALUES (1, 'ann@example.com', 'Bern'), (2, 'bob@example.com', 'Basel')");
        }
        command("branches", "create", "before", "--no-expiry");
        command("tags", "create", "pii", "--values", "email,city");
        command("tags", "assign", "column", TABLE + ".email", "pii=email");
        command("tags", "assign", "column", TABLE + ".city", "pii=city");
        command(
                "grants",
                "update",
                "catalog",
                "databricks_postgres",
                "--principal",
                "team",
                "--add",
                "USE_CATALOG,USE_SCHEMA,SELECT");
        command(
                "policies",
                "create",
                "catalog",
                "databricks_postgres",
                "hide_email",
                "--mask",
                "system.mask.redact",
                "--on-column",
                "c",
                "--match",
                "c=has_tag_value('pii', 'email')",
                "--to",
                "team");
        command("branches", "create", "after", "--no-expiry");
    }

    @AfterAll
    static void end() throws IOException {
        home.close();
    }

    @Test
    void aMaskHoldsOnProductionAndOnBranchesMadeBeforeAndAfterIt() throws SQLException {
        for (String database :
                List.of("databricks_postgres", "databricks_postgres@before", "databricks_postgres@after")) {
            try (Connection session = asAnalyst(database)) {
                assertThat(query(session, EMAILS)).as(database).containsExactly("***", "***");
                assertThat(query(session, "SELECT city FROM people ORDER BY id"))
                        .containsExactly("Bern", "Basel");
                assertThat(query(session, "SELECT public.people.email FROM public.people ORDER BY id"))
                        .as("a name with its schema leads to what he may see")
                        .containsExactly("***", "***");
            }
            try (Connection session = asAdministrator(database)) {
                assertThat(query(session, EMAILS)).containsExactly("ann@example.com", "bob@example.com");
            }
        }
    }

    @Test
    void aSearchPathOfTheClientsOwnFindsWhatItMaySee() throws SQLException {
        try (Connection session = connect("analyst", analyst, "databricks_postgres", "currentSchema", "public")) {
            assertThat(query(session, EMAILS)).containsExactly("***", "***");
            execute(session, "SET search_path TO pg_catalog");
            assertThatThrownBy(() -> query(session, EMAILS)).hasMessageContaining("does not exist");
            session.setSchema("public");
            assertThat(query(session, EMAILS)).containsExactly("***", "***");
            execute(session, "DISCARD ALL");
            assertThat(query(session, EMAILS)).containsExactly("***", "***");
        }
    }

    /** A migration tells nobody; the first error has the session look again. */
    @Test
    void anOpenSessionFindsByItsNameWhatAMigrationHasChanged() throws Exception {
        String notes = "SELECT id FROM public.notes";
        try (Connection owner = asAdministrator("databricks_postgres")) {
            execute(owner, "CREATE TABLE notes (id int, words text)");
            execute(owner, "INSERT INTO notes VALUES (1, 'x')");
            try (Connection open = asAnalyst("databricks_postgres")) {
                assertThat(query(open, notes)).containsExactly("1");
                execute(owner, "ALTER TABLE notes DROP COLUMN words");
                awaitRows(open, notes, List.of("1"));
                execute(owner, "ALTER TABLE notes ADD COLUMN words text");
                awaitRows(open, notes, List.of("1"));
            } finally {
                execute(owner, "DROP TABLE notes");
            }
        }
    }

    private static void awaitRows(Connection session, String sql, List<String> expected) throws SQLException {
        Instant deadline = Instant.now().plus(SOON);
        while (true) {
            try {
                assertThat(query(session, sql)).isEqualTo(expected);
                return;
            } catch (SQLException e) {
                if (Instant.now().isAfter(deadline)) {
                    throw e;
                }
            }
        }
    }

    @Test
    void aRowFilterHoldsInOpenSessionsAtTheirNextStatement() throws Exception {
        String rows = "SELECT id FROM people ORDER BY id";
        try (Connection open = asAnalyst("databricks_postgres")) {
            assertThat(query(open, rows)).containsExactly("1", "2");
            command(
                    "policies",
                    "create",
                    "table",
                    TABLE,
                    "only_bern",
                    "--filter",
                    "system.mask.is_one_of",
                    "--match",
                    "c=has_tag_value('pii', 'city')",
                    "--using",
                    "c,'Bern'",
                    "--to",
                    "team");
            try {
                assertThat(query(open, rows)).containsExactly("1");
            } finally {
                command("policies", "delete", "table", TABLE, "only_bern");
            }
            assertThat(query(open, rows)).containsExactly("1", "2");
        }
    }

    @Test
    void aTableThatBecomesMaskedIsFoundByItsNameInOpenSessions() throws Exception {
        String emails = "SELECT email FROM public.letters";
        try (Connection open = asAnalyst("databricks_postgres")) {
            assertThat(query(open, emails)).containsExactly("ann@example.com");
            command("tags", "assign", "column", "databricks_postgres.public.letters.email", "pii=email");
            try {
                assertThat(query(open, emails)).containsExactly("***");
            } finally {
                command("tags", "unassign", "column", "databricks_postgres.public.letters.email", "pii");
            }
            assertThat(query(open, emails)).containsExactly("ann@example.com");
        }
    }

    @Test
    void whoeverComesUnderRulesHearsOfNothingInSessionsThatBeganBefore() throws Exception {
        String newcomer = JSON.readTree(command("principals", "create", "newcomer", "-o", "json"))
                .get("client_secret")
                .asString();
        command("permissions", "grant", "CAN_USE", "newcomer");
        try (Connection open = connect("newcomer", newcomer, "databricks_postgres");
                var statement = open.createStatement()) {
            statement.execute("LISTEN changes");
            command("groups", "add", "team", "newcomer");
            assertThatThrownBy(() -> statement.execute("SELECT 1"))
                    .hasMessageContaining("the rules for newcomer have changed");
        }
        try (Connection fresh = connect("newcomer", newcomer, "databricks_postgres")) {
            assertThat(query(fresh, EMAILS)).containsExactly("***", "***");
        }
    }

    @Test
    void whatWasProvedOfABranchIsReadInTheSystemDatabase() throws IOException, SQLException {
        JsonNode proved = JSON.readTree(command("branches", "verify", "after", "-o", "json"));
        assertThat(proved.at("/databases/0/checks")).isNotEmpty();
        assertThat(proved.get("signed").asString().split("\\.")).hasSize(3);
        try (Connection session = asAdministrator("system")) {
            assertThat(query(
                            session,
                            "SELECT branch_id FROM governance.attestations WHERE attestation_id = '"
                                    + proved.get("id").asString() + "'"))
                    .containsExactly("after");
            assertThat(query(session, "SELECT policy_name FROM governance.column_masks"))
                    .containsExactly("hide_email");
        }
    }

    @Test
    void theSameIsSaidInSqlOnTheSystemDatabase() throws SQLException {
        String written = "INSERT INTO public.people VALUES (1, 'x@example.com', 'Genf') "
                + "ON CONFLICT (id) DO UPDATE SET city = excluded.city RETURNING id";
        try (Connection system = asAdministrator("system");
                var statement = system.createStatement()) {
            statement.execute("GRANT MODIFY ON TABLE " + TABLE + " TO `team`");
            try (Connection session = asAnalyst("databricks_postgres@before")) {
                assertThat(query(session, written)).containsExactly("1");
                assertThat(query(session, "SELECT city FROM people WHERE id = 1"))
                        .containsExactly("Genf");
                assertThat(query(session, "UPDATE people SET city = 'Bern' WHERE id = 1 RETURNING email"))
                        .containsExactly("***");
                assertThat(query(session, """
                                INSERT INTO people (id, city) SELECT public.people.id, 'Thun' FROM public.people WHERE id = 2
                                ON CONFLICT (id) DO UPDATE SET city = excluded.city RETURNING city
                                """)).containsExactly("Thun");
                assertThat(query(session, """
                                WITH kept AS (INSERT INTO people (id) VALUES (2) ON CONFLICT DO NOTHING)
                                UPDATE public.people SET city = 'Basel' WHERE id = 2 RETURNING email
                                """)).containsExactly("***");
                assertThatThrownBy(() -> query(session, written.replace("RETURNING id", "RETURNING *")))
                        .hasMessageContaining("Name the columns that are not masked in RETURNING.");
            }
            assertThat(query(system, "SHOW GRANTS `team` ON TABLE " + TABLE)).containsExactly("team");
            statement.execute("REVOKE MODIFY ON TABLE " + TABLE + " FROM `team`");
            assertThat(query(system, "SHOW GRANTS ON TABLE " + TABLE)).isEmpty();
            assertThatThrownBy(() -> statement.execute("GRANT SELECT ON TABLE databricks_postgres.public.no TO `team`"))
                    .isInstanceOfSatisfying(
                            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("42704"));
        }
        try (Connection session = asAnalyst("databricks_postgres@before")) {
            assertThatThrownBy(() -> query(session, written)).isInstanceOf(SQLException.class);
            assertThat(query(session, EMAILS)).containsExactly("***", "***");
        }
    }

    @Test
    void aGrantTypedIntoABranchWidensNothing() throws SQLException {
        asAnalyst("databricks_postgres@after").close();
        try (Connection session = asAdministrator("databricks_postgres@after");
                var statement = session.createStatement()) {
            assertThatThrownBy(() -> statement.execute("GRANT SELECT ON people TO analyst"))
                    .isInstanceOfSatisfying(SQLException.class, e -> {
                        assertThat(e.getSQLState()).isEqualTo("42501");
                        assertThat(e.getMessage()).contains("GRANT SELECT ON TABLE " + TABLE);
                    });
        }
    }

    @Test
    void aProjectsListOfExtensionsHoldsInADatabaseUnderRules() throws Exception {
        command("projects", "update", "shop", "--extensions", "citext,unaccent");
        try (Connection session = asAdministrator("databricks_postgres@before");
                var statement = session.createStatement()) {
            assertThatThrownBy(() -> statement.execute("CREATE EXTENSION pg_trgm"))
                    .hasMessageContaining("\"pg_trgm\" is not among those that the project shop allows")
                    .hasMessageContaining("citext, unaccent");
            statement.execute("CREATE EXTENSION citext");
            statement.execute("DROP EXTENSION citext");
        }
        assertThat(JSON.readTree(command("branches", "verify", "before", "-o", "json"))
                        .at("/databases/0/checks"))
                .isNotEmpty();
        command("projects", "update", "shop", "--extensions", "*");
        try (Connection session = asAdministrator("databricks_postgres@before");
                var statement = session.createStatement()) {
            statement.execute("CREATE EXTENSION pg_trgm");
            statement.execute("DROP EXTENSION pg_trgm");
        }
    }

    @Test
    void anAgentSeesWhatItAndItsPersonMaySeeAndTheHistoryNamesBoth() throws Exception {
        command("principals", "create", "claude");
        try (Connection system = asAdministrator("system");
                var statement = system.createStatement()) {
            statement.execute("GRANT ALL PRIVILEGES ON CATALOG databricks_postgres TO `agents`");
            String policy = " ON CATALOG databricks_postgres COLUMN MASK system.mask.redact TO `claude`"
                    + " FOR TABLES MATCH COLUMNS has_tag_value('pii', 'city') AS c ON COLUMN c";
            statement.execute("CREATE POLICY Claude_reads_no_cities" + policy);
            // Capitals do not tell policies apart, in backticks neither.
            statement.execute("CREATE OR REPLACE POLICY `CLAUDE_reads_no_cities`" + policy);
            assertThat(query(system, "SHOW POLICIES ON CATALOG databricks_postgres"))
                    .contains("claude_reads_no_cities")
                    .doesNotContain("CLAUDE_reads_no_cities");
            String cities = "SELECT city FROM people ORDER BY id";
            try (Connection session = asAgent("claude")) {
                assertThat(query(session, EMAILS)).containsExactly("ann@example.com", "bob@example.com");
                assertThat(query(session, cities)).containsExactly("***", "***");
                assertThat(query(session, cities.replace("people", "public.people")))
                        .containsExactly("***", "***");
                assertThat(query(session, "SELECT session_user").getFirst()).startsWith("espalier_agent_");
                assertThat(query(session, "SELECT pg_has_role('databricks_superuser', 'MEMBER')"))
                        .containsExactly("f");
            }
            try (Connection session = asAgent("another")) {
                assertThat(query(session, cities)).containsExactly("Bern", "Basel");
            }
            try (Connection session = asAdministrator("databricks_postgres@after")) {
                assertThat(query(session, cities)).containsExactly("Bern", "Basel");
            }
            statement.execute("REVOKE ALL PRIVILEGES ON CATALOG databricks_postgres FROM `agents`");
            try (Connection session = asAgent("another")) {
                assertThatThrownBy(() -> query(session, cities)).isInstanceOf(SQLException.class);
            }
            statement.execute("DROP POLICY Claude_Reads_No_Cities ON CATALOG databricks_postgres");
            String agents = "SELECT DISTINCT principal || ' ' || agent FROM query.history WHERE statement_text = '"
                    + cities + "' AND agent IS NOT NULL ORDER BY 1";
            Instant deadline = Instant.now().plus(SOON);
            while (query(system, agents).size() < 2 && Instant.now().isBefore(deadline)) {
                LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
            }
            assertThat(query(system, agents)).containsExactly("administrator another", "administrator claude");
        }
    }

    private static Connection asAgent(String agent) throws IOException, SQLException {
        String token = JSON.readTree(command("credentials", "create", "-b", "after", "--agent", agent, "-o", "json"))
                .get("token")
                .asString();
        return connect("administrator", token, "databricks_postgres@after");
    }

    private static Connection asAnalyst(String database) throws SQLException {
        return connect("analyst", analyst, database);
    }

    private static Connection asAdministrator(String database) throws SQLException {
        return connect("administrator", server.clientSecret(), database);
    }

    private static void execute(Connection session, String sql) throws SQLException {
        try (var statement = session.createStatement()) {
            statement.execute(sql);
        }
    }

    private static Connection connect(String user, String password, String database, String... more)
            throws SQLException {
        Properties properties = new Properties();
        for (int i = 0; i < more.length; i += 2) {
            properties.setProperty(more[i], more[i + 1]);
        }
        properties.setProperty("user", user);
        properties.setProperty("password", password);
        properties.setProperty("sslmode", "require");
        return DriverManager.getConnection(
                "jdbc:postgresql://127.0.0.1:" + port + "/" + database.replace("@", "%40"), properties);
    }

    private static List<String> query(Connection session, String sql) throws SQLException {
        try (var statement = session.createStatement();
                var rows = statement.executeQuery(sql)) {
            List<String> values = new ArrayList<>();
            while (rows.next()) {
                values.add(rows.getString(1));
            }
            return values;
        }
    }

    private static String command(String... arguments) throws IOException {
        Jvm.Ended ended = new Jvm("cli", Espalier.class, server.home(), List.of(arguments))
                .with("ESPALIER_PROJECT", "shop")
                .run();
        assertThat(ended.exitCode()).as(ended.err()).isZero();
        return ended.out();
    }
}
