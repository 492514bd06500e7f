package dev.espalier.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.cli.Espalier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What people have read, replayed under policies that are only proposed, which are then applied. */
class PolicyReplayTest {

    private static final JsonMapper JSON = new JsonMapper();
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final String TABLE = "databricks_postgres.public.people";

    /** Of two managers one is bound today, and the other would be; nobody whom a policy binds reads all of the catalogs. */
    private static final String PROPOSED = """
            {"policies":[
              {"name":"hide_email","on_securable_type":"CATALOG","on_securable_fullname":"databricks_postgres",
               "to_principals":["analyst","chief","agents"],
               "match_columns":[{"alias":"c","condition":"has_tag_value('pii', 'email')"}],
               "column_mask":{"function_name":"system.mask.redact","on_column":"c"}},
              {"name":"only_bern","on_securable_type":"TABLE","on_securable_fullname":"%s",
               "to_principals":["clerk"],
               "match_columns":[{"alias":"c","condition":"has_tag_value('pii', 'city')"}],
               "row_filter":{"function_name":"system.mask.is_one_of","using":[{"alias":"c"},{"constant":"Bern"}]}}]}
            """.formatted(TABLE);

    @TempDir
    static Path directory;

    private static TestHome home;
    private static ServerProcess server;
    private static int port;
    private static final Map<String, String> SECRETS = new TreeMap<>();

    @BeforeAll
    static void begin() throws IOException, InterruptedException, SQLException {
        home = new TestHome();
        server = home.start("--http.port=0");
        port = server.gatewayPort();
        SECRETS.put("administrator", server.clientSecret());
        command("projects", "create", "shop");
        principal("analyst", "CAN_USE");
        principal("clerk", "CAN_USE");
        principal("bound", "CAN_MANAGE");
        principal("chief", "CAN_MANAGE");
        run("administrator", """
                CREATE TABLE people (id int PRIMARY KEY, email text, city text);
                INSERT INTO people VALUES (1, 'ann@example.com', 'Bern'), (2, 'bob@example.com', 'Basel');
                CREATE SEQUENCE numbers""");
        command("tags", "create", "pii", "--values", "email,city");
        command("tags", "assign", "column", TABLE + ".email", "pii=email");
        command("tags", "assign", "column", TABLE + ".city", "pii=city");
        for (String principal : List.of("analyst", "clerk", "agents")) {
            command(
                    "grants",
                    "update",
                    "catalog",
                    "databricks_postgres",
                    "--principal",
                    principal,
                    "--add",
                    "USE_CATALOG,USE_SCHEMA,SELECT");
        }
        command(
                "policies",
                "create",
                "catalog",
                "databricks_postgres",
                "of_now",
                "--mask",
                "system.mask.redact",
                "--on-column",
                "c",
                "--match",
                "c=has_tag_value('pii', 'email')",
                "--to",
                "bound");
    }

    private static void principal(String name, String permission) throws IOException {
        SECRETS.put(
                name,
                JSON.readTree(command("principals", "create", name, "-o", "json"))
                        .get("client_secret")
                        .asString());
        command("permissions", "grant", permission, name);
    }

    @AfterAll
    static void end() throws IOException {
        home.close();
    }

    @Test
    void aReplayTellsForWhomWhatWouldChangeAndOnlyThenIsItSo() throws IOException, SQLException {
        run("analyst", "SELECT id FROM people ORDER BY id");
        run("analyst", "SELECT id, email FROM public.people");
        run("analyst", "SELECT email FROM public.people");
        run("analyst", "SELECT random() FROM people");
        run("clerk", "SELECT id FROM people");
        run("chief", "SELECT rolname FROM pg_authid");
        assertThatThrownBy(() -> run("bound", "SELECT rolname FROM pg_authid")).isInstanceOf(SQLException.class);
        runAsAgent("SELECT city, email FROM people");
        run("administrator", "UPDATE people SET city = city");
        run("administrator", "SELECT nextval('numbers')");
        try (Connection session = connect("administrator", "databricks_postgres");
                var statement = session.prepareStatement("SELECT city FROM people WHERE id = ?")) {
            statement.setInt(1, 1);
            statement.executeQuery();
        }
        awaitHistory("SELECT city FROM people WHERE id = $1");
        List<String> servers = servers();
        Path file = Files.writeString(directory.resolve("proposed.json"), PROPOSED);

        String told = command(
                "policies", "replay", "databricks_postgres", "--file", file.toString(), "--since", "1h", "-o", "json");

        JsonNode report = JSON.readTree(told);
        assertThat(report.get("statements")
                        .valueStream()
                        .collect(Collectors.toMap(
                                one -> one.get("principal").asString() + ": "
                                        + one.get("statement_text").asString(),
                                one -> one.get("outcome").asString())))
                .containsExactlyInAnyOrderEntriesOf(Map.of(
                        "administrator: SELECT city, email FROM people", "OTHER_VALUES",
                        "analyst: SELECT id, email FROM public.people", "OTHER_VALUES",
                        "analyst: SELECT email FROM public.people", "OTHER_VALUES",
                        "analyst: SELECT random() FROM people", "VARIES",
                        "clerk: SELECT id FROM people", "OTHER_ROWS",
                        "chief: SELECT rolname FROM pg_authid", "REFUSED",
                        "bound: SELECT rolname FROM pg_authid", "ALLOWED"));
        assertThat(statement(report, "SELECT id, email FROM public.people").get("columns"))
                .hasToString("[\"email\"]");
        JsonNode filtered = statement(report, "SELECT id FROM people");
        assertThat(filtered.get("rows_now").asInt()).isEqualTo(2);
        assertThat(filtered.get("rows_then").asInt()).isEqualTo(1);
        assertThat(statement(report, "SELECT city, email FROM people")
                        .get("agent")
                        .asString())
                .isEqualTo("claude");
        JsonNode analyst = report.get("principals")
                .valueStream()
                .filter(one -> one.get("principal").asString().equals("analyst"))
                .findFirst()
                .orElseThrow();
        assertThat(analyst.get("same").asInt()).isEqualTo(1);
        assertThat(analyst.get("other_values").asInt()).isEqualTo(2);
        assertThat(report.get("not_replayed").findValuesAsString("reason")).contains("CHANGES", "PARAMETERS");
        assertThat(told).doesNotContain("@example.com", "***");

        assertThat(servers()).as("the copies are gone").isEqualTo(servers);
        assertThat(JSON.readTree(command("branches", "list", "-o", "json")).get("branches"))
                .hasSize(1);
        assertThat(seen("analyst")).as("nothing has changed yet").isEqualTo("ann@example.com");

        String epoch = report.get("epoch").asString();
        command("policies", "apply", "databricks_postgres", "--file", file.toString(), "--epoch", epoch);
        assertThat(seen("analyst")).isEqualTo("***");
        assertThat(seen("administrator")).isEqualTo("ann@example.com");
        assertThat(command("policies", "export", "databricks_postgres"))
                .contains("hide_email", "only_bern")
                .doesNotContain("of_now");
        Jvm.Ended again =
                espalier("policies", "apply", "databricks_postgres", "--file", file.toString(), "--epoch", epoch);
        assertThat(again.exitCode()).isEqualTo(4);
        assertThat(again.err()).contains("have changed since");
    }

    private static JsonNode statement(JsonNode report, String text) {
        return report.get("statements")
                .valueStream()
                .filter(one -> one.get("statement_text").asString().equals(text))
                .findFirst()
                .orElseThrow();
    }

    private static List<String> servers() {
        return home.postgres().stream()
                .map(process -> process.info().commandLine().orElse(""))
                // A session has its server's until it has one of its own.
                .distinct()
                .sorted()
                .toList();
    }

    private static String seen(String principal) throws SQLException {
        try (Connection session = connect(principal, "databricks_postgres");
                var statement = session.createStatement();
                var rows = statement.executeQuery("SELECT email FROM people WHERE id = 1")) {
            rows.next();
            return rows.getString(1);
        }
    }

    private static void run(String principal, String sql) throws SQLException {
        try (Connection session = connect(principal, "databricks_postgres");
                var statement = session.createStatement()) {
            statement.execute(sql);
        }
    }

    /** As an agent of the administrator's. */
    private static void runAsAgent(String sql) throws IOException, SQLException {
        String token = JSON.readTree(
                        command("credentials", "create", "-b", "production", "--agent", "claude", "-o", "json"))
                .get("token")
                .asString();
        try (Connection session = connect("administrator", token, "databricks_postgres");
                var statement = session.createStatement()) {
            statement.execute(sql);
        }
    }

    /** Events are loaded in their order, so that all before it are there, too. */
    private static void awaitHistory(String text) throws SQLException {
        Instant deadline = Instant.now().plus(SOON);
        try (Connection session = connect("administrator", "system");
                var query = session.prepareStatement(
                        "SELECT EXISTS (SELECT FROM query.history WHERE statement_text = ?)")) {
            query.setString(1, text);
            while (true) {
                try (var rows = query.executeQuery()) {
                    rows.next();
                    if (rows.getBoolean(1)) {
                        return;
                    }
                }
                assertThat(Instant.now()).isBefore(deadline);
                LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
            }
        }
    }

    private static Connection connect(String user, String database) throws SQLException {
        return connect(user, SECRETS.getOrDefault(user, ""), database);
    }

    private static Connection connect(String user, String password, String database) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", user);
        properties.setProperty("password", password);
        properties.setProperty("sslmode", "require");
        return DriverManager.getConnection("jdbc:postgresql://127.0.0.1:" + port + "/" + database, properties);
    }

    private static String command(String... arguments) throws IOException {
        Jvm.Ended ended = espalier(arguments);
        assertThat(ended.exitCode()).as(ended.err()).isZero();
        return ended.out();
    }

    private static Jvm.Ended espalier(String... arguments) throws IOException {
        return new Jvm("cli", Espalier.class, server.home(), List.of(arguments))
                .with("ESPALIER_PROJECT", "shop")
                .run();
    }
}
