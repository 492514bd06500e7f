package dev.espalier.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.databricks.sdk.service.postgres.GenerateDatabaseCredentialRequest;
import dev.espalier.cli.Espalier;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** PostgreSQL sessions through the gateway of a started server, by pgjdbc. */
@ExtendWith(Shared.class)
class GatewayTest {

    private static final JsonMapper JSON = new JsonMapper();
    private static final Duration SOON = Duration.ofSeconds(60);

    private final ServerProcess server;
    private final Shop shop;
    private final int port;

    GatewayTest(ServerProcess server, Shop shop) throws IOException, InterruptedException {
        this.server = server;
        this.shop = shop;
        this.port = server.gatewayPort();
    }

    @Test
    void anAddressNamesTheBranchAndASleepingOneWakes() throws SQLException, TimeoutException {
        shop.branch("doorway");
        try (Connection session = asAdministrator("shop/databricks_postgres@doorway")) {
            assertThat(query(session, "SELECT current_user || ' ' || session_user"))
                    .isEqualTo("administrator administrator");
            run(session, "CREATE TABLE door AS SELECT 1 AS n");
        }
        shop.api().getEndpoint(Shop.name("doorway") + "/endpoints/primary");
        try (Connection session = asAdministrator("databricks_postgres@doorway")) {
            assertThat(query(session, "SELECT n FROM door")).isEqualTo("1");
        }
    }

    @Test
    void aCredentialForAReadOnlyEndpointLeadsToItFromTheFirstSignInOn() throws Exception {
        shop.branch("reported");
        command("endpoints", "create", "reports", "-b", "reported");
        String token = JSON.readTree(command("credentials", "create", "reports", "-b", "reported", "-o", "json"))
                .get("token")
                .asString();
        try (Connection session = connect("administrator", token, "databricks_postgres@reported")) {
            assertThat(query(session, "SELECT pg_is_in_recovery()")).isEqualTo("t");
        }
    }

    @Test
    void aHostNameNamesTheBranchWhereItNamesAProjectAndIsAnyNameElsewhere() throws Exception {
        shop.branch("by-host");
        try (Connection session = asAdministrator("databricks_postgres@by-host")) {
            run(session, "CREATE TABLE only_by_host ()");
        }
        String there = "SELECT to_regclass('only_by_host') IS NOT NULL";

        assertThat(psql("by-host.shop.db.example.com", there)).isEqualTo("t");
        assertThat(psql("pg.company.example.com", there)).isEqualTo("f");
    }

    /** By libpq, which lets a host name be given that is not looked up. */
    private String psql(String host, String sql) throws IOException {
        return psqlTo(
                "host=" + host + " hostaddr=127.0.0.1 port=" + port
                        + " user=administrator dbname=databricks_postgres sslmode=require",
                sql);
    }

    private String psqlTo(String connection, String sql) throws IOException {
        ProcessBuilder command = new ProcessBuilder("psql", connection, "-At", "-c", sql);
        command.environment().put("PGPASSWORD", server.clientSecret());
        Process psql = command.redirectErrorStream(true).start();
        String output = new String(psql.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        psql.onExit().join();
        return output.strip();
    }

    @Test
    void aPermissionThatIsTakenIsGoneAtTheNextSignIn() throws SQLException, IOException {
        String secret = JSON.readTree(command("principals", "create", "demoted", "-o", "json"))
                .get("client_secret")
                .asString();
        String isSuperuser = "SELECT pg_has_role('databricks_superuser', 'MEMBER')";
        for (String level : List.of("CAN_USE", "CAN_MANAGE", "CAN_USE")) {
            command("permissions", "grant", level, "demoted");
            try (Connection session = connect("demoted", secret, "databricks_postgres")) {
                assertThat(query(session, isSuperuser)).isEqualTo(level.equals("CAN_MANAGE") ? "t" : "f");
            }
        }
    }

    @Test
    void whatActsInSomebodysNameShowsWhereverHeDoesAndNoSqlChangesIt() throws Exception {
        shop.branch("assisted");
        String token = JSON.readTree(command(
                        "credentials",
                        "create",
                        "-b",
                        "assisted",
                        "--agent",
                        "claude",
                        "--tool",
                        "run_sql",
                        "--request-id",
                        "request-7",
                        "-o",
                        "json"))
                .get("token")
                .asString();
        try (Connection session = connect("administrator", token, "databricks_postgres@assisted")) {
            assertThat(query(session, "SELECT application_name FROM pg_stat_activity WHERE pid = pg_backend_pid()"))
                    .contains(" claude/run_sql]");
            run(session, "SET application_name = 'somebody else'");
            run(session, "CREATE TABLE made_by_claude ()");
        }
        assertThat(awaitSystem(
                        "SELECT agent || ' ' || tool || ' ' || request_id FROM query.history "
                                + "WHERE statement_text LIKE 'CREATE TABLE made_by_claude%'",
                        1))
                .containsExactly("claude run_sql request-7");
    }

    @Test
    void noStartupOptionChangesWhoSignsInAndWhere() throws IOException {
        String who = "SELECT session_user || ' ' || current_database()";
        for (String option : List.of("user=espalier", "USER=espalier", "database=postgres", "replication=true")) {
            String connection = "host=127.0.0.1 port=" + port
                    + " user=administrator dbname=databricks_postgres sslmode=require options='-c " + option + "'";
            assertThat(psqlTo(connection, who)).contains("the startup option").contains("is refused");
        }
    }

    @Test
    void whatChangesWhoMayIsAuditedWhateverTheTextLooksLike() throws Exception {
        shop.branch("audited");
        try (Connection session = asAdministrator("databricks_postgres@audited")) {
            run(session, "DO $$BEGIN EXECUTE 'CREATE TABLE made_in_a_block ()'; END$$");
            run(session, "SELECT 1 AS n INTO made_by_select");
            run(session, " ".repeat(1_100_000) + "CREATE TABLE made_behind_blanks ()");
        }
        assertThat(awaitSystem(
                        "SELECT action_name || ' ' || coalesce((response).result, '') FROM access.audit "
                                + "WHERE branch_name = 'audited' AND request_params ? 'statement_id' ORDER BY event_time",
                        3))
                .containsExactly("do DO", "create SELECT 1", "create CREATE TABLE");
    }

    @Test
    void theAuditSaysWhoWasGivenWhat() throws Exception {
        command("principals", "create", "audited-grantee");
        command("permissions", "grant", "CAN_USE", "audited-grantee");
        assertThat(awaitSystem(
                                "SELECT request_params->>'request_body' FROM access.audit "
                                        + "WHERE action_name = 'updateProjectPermissions' "
                                        + "AND request_params->>'request_body' LIKE '%audited-grantee%'",
                                1)
                        .getFirst())
                .contains("CAN_USE");
    }

    @Test
    void aRefusedSignInSaysWhy() {
        assertThatThrownBy(() -> connect("administrator", "esp_wrong", "databricks_postgres"))
                .hasMessageContaining("the client secret is none of administrator's");
        assertThatThrownBy(() -> connect("somebody-else", server.clientSecret(), "databricks_postgres"))
                .hasMessageContaining("no principal somebody-else");
        assertThatThrownBy(() -> connect("administrator", "eyJhbGciOiJub25lIn0.e30.", "databricks_postgres"))
                .hasMessageContaining("not accepted");
        assertThatThrownBy(() -> asAdministrator("databricks_postgres@nowhere"))
                .hasMessageContaining("no branch nowhere")
                .hasMessageContaining("There are:");
        assertThatThrownBy(() -> asAdministrator("nothing-there"))
                .hasMessageContaining("no database \"nothing-there\"")
                .hasMessageContaining("databricks_postgres");
        assertThatThrownBy(() -> asAdministrator("nothing/databricks_postgres"))
                .hasMessageContaining("no project nothing")
                .hasMessageContaining("shop/databricks_postgres");
    }

    @Test
    void whoMayUseAProjectHasHisOwnRoleAndNoMore() throws SQLException, IOException {
        JsonNode reader = JSON.readTree(command("principals", "create", "reader", "-o", "json"));
        String secret = reader.get("client_secret").asString();
        assertThatThrownBy(() -> connect("reader", secret, "databricks_postgres"))
                .hasMessageContaining("no right to connect to any project");
        command("permissions", "grant", "CAN_USE", "reader");
        try (Connection administrator = asAdministrator("databricks_postgres")) {
            run(administrator, "CREATE TABLE IF NOT EXISTS hidden (n int)");
        }

        try (Connection session = connect("reader", secret, "databricks_postgres")) {
            assertThat(query(session, "SELECT session_user")).isEqualTo("reader");
            assertThatThrownBy(() -> query(session, "SELECT count(*) FROM hidden"))
                    .hasMessageContaining("permission denied");
            assertThatThrownBy(() -> run(session, "SET ROLE databricks_superuser"))
                    .hasMessageContaining("permission denied");
            assertThatThrownBy(() -> run(session, "SET SESSION AUTHORIZATION administrator"))
                    .hasMessageContaining("permission denied");
        }
        try (Connection session = connect("reader", secret, "system")) {
            assertThatThrownBy(() -> query(session, "SELECT count(*) FROM access.audit"))
                    .hasMessageContaining("permission denied");
        }

        command("principals", "delete", "reader");
        assertThatThrownBy(() -> connect("reader", secret, "databricks_postgres"))
                .hasMessageContaining("no principal reader");
    }

    @Test
    void aCredentialOpensItsEndpointAndNoOther() throws SQLException, TimeoutException {
        shop.branch("for-credential");
        String token = shop.api()
                .generateDatabaseCredential(new GenerateDatabaseCredentialRequest()
                        .setEndpoint(Shop.name("for-credential") + "/endpoints/primary"))
                .getToken();

        try (Connection session = connect("administrator", token, "databricks_postgres@for-credential")) {
            assertThat(query(session, "SELECT current_user")).isEqualTo("administrator");
        }
        assertThatThrownBy(() -> connect("administrator", token, "databricks_postgres"))
                .hasMessageContaining("another endpoint");
        assertThatThrownBy(() -> connect("administrator", token, "system")).isInstanceOf(SQLException.class);
    }

    @Test
    void whatRanIsInTheHistoryWithItsCostAndWithoutItsSecrets() throws SQLException {
        String mark = "mark_" + System.nanoTime();
        try (Connection session = asAdministrator("databricks_postgres")) {
            run(session, "CREATE TABLE " + mark + " AS SELECT g FROM generate_series(1, 100000) g");
            run(session, "CREATE ROLE " + mark + " PASSWORD 'hunter2hunter2'");
            assertThatThrownBy(() -> run(session, "SELECT nonsense FROM " + mark))
                    .isInstanceOf(SQLException.class);
        }

        List<String> history = awaitSystem(
                "SELECT statement_type || ' ' || execution_status || ' ' || (cpu_time_ns > 0) || ' ' || branch_name || ' ' "
                        + "|| statement_text FROM system.query.history WHERE statement_text LIKE '%" + mark
                        + "%' AND database_name = 'databricks_postgres' ORDER BY start_time",
                3);

        assertThat(history.get(0)).startsWith("CREATE FINISHED true production CREATE TABLE");
        assertThat(history.get(1))
                .startsWith("CREATE FINISHED")
                .contains("[removed]")
                .doesNotContain("hunter2");
        assertThat(history.get(2)).startsWith("SELECT FAILED");
        assertThat(awaitSystem(
                        "SELECT principal || ' ' || action_name FROM system.access.audit WHERE request_params->>'statement_text' "
                                + "LIKE '%" + mark + "%' ORDER BY event_time",
                        2))
                .containsExactly("administrator create", "administrator create");
    }

    @Test
    void theSystemTablesCannotBeChangedAndTheRestIsClosed() throws SQLException {
        try (Connection system = asAdministrator("system")) {
            assertThatThrownBy(() -> run(system, "DELETE FROM system.access.audit"))
                    .isInstanceOf(SQLException.class);
            assertThatThrownBy(() -> query(system, "SELECT kept FROM control.client_secret"))
                    .hasMessageContaining("permission denied");
        }
    }

    /** Events reach the tables a second or so after they happened. */
    private List<String> awaitSystem(String sql, int rows) throws SQLException {
        Instant deadline = Instant.now().plus(SOON);
        try (Connection system = asAdministrator("system")) {
            while (true) {
                List<String> found = new ArrayList<>();
                try (var statement = system.createStatement();
                        var result = statement.executeQuery(sql)) {
                    while (result.next()) {
                        found.add(result.getString(1));
                    }
                }
                if (found.size() >= rows || Instant.now().isAfter(deadline)) {
                    assertThat(found).hasSize(rows);
                    return found;
                }
                LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
            }
        }
    }

    private Connection asAdministrator(String database) throws SQLException {
        return connect("administrator", server.clientSecret(), database);
    }

    private Connection connect(String user, String password, String database) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", user);
        properties.setProperty("password", password);
        properties.setProperty("sslmode", "require");
        // Without it pgjdbc sets application_name by SQL when it has connected, and the gateway's with it.
        properties.setProperty("assumeMinServerVersion", "15");
        return DriverManager.getConnection(
                "jdbc:postgresql://127.0.0.1:" + port + "/"
                        + database.replace("/", "%2F").replace("@", "%40"),
                properties);
    }

    private String command(String... arguments) throws IOException {
        Jvm.Ended ended = new Jvm("cli", Espalier.class, server.home(), List.of(arguments))
                .with("ESPALIER_PROJECT", "shop")
                .run();
        assertThat(ended.exitCode()).as(ended.err()).isZero();
        return ended.out();
    }

    private static String query(Connection session, String sql) throws SQLException {
        try (var statement = session.createStatement();
                var rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getString(1);
        }
    }

    private static void run(Connection session, String sql) throws SQLException {
        try (var statement = session.createStatement()) {
            statement.execute(sql);
        }
    }
}
