package dev.espalier.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.databricks.sdk.service.postgres.DeleteBranchRequest;
import dev.espalier.cli.Espalier;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

/** What a branch has used is in the system tables soon, and still there when the branch is gone. */
class BillingTest {

    private static final JsonMapper JSON = new JsonMapper();
    private static final Duration SOON = Duration.ofSeconds(60);

    /** Usage is recorded every two seconds, so that no test waits a minute. */
    private static final String[] FLAGS = {"--http.port=0", "--billing.interval=2s"};

    @Test
    void usageComesSoonAndStaysAndIsPricedAndCorrected() throws Exception {
        try (TestHome home = new TestHome();
                ServerProcess server = home.start(FLAGS)) {
            Shop shop = Shop.open(server);
            shop.branch("spike");
            int port = gatewayPort(server);
            try (Connection session = connect(server, port, "databricks_postgres@spike")) {
                query(session, "SELECT count(*) FROM generate_series(1, 2000000) AS n WHERE md5(n::text) > 'x'");
            }
            try (Connection system = connect(server, port, "system")) {
                await(system, """
                        SELECT DISTINCT usage_type || ' ' || (usage_metadata).branch_name
                        FROM system.billing.usage
                        WHERE branch_name = 'spike'
                        ORDER BY 1""", List.of("COMPUTE_TIME spike", "CPU_TIME spike", "STORAGE_SPACE spike"));
                await(system, """
                        SELECT 'shared'
                        FROM system.billing.cost_by_tool
                        WHERE branch_name = 'spike' AND principal = 'administrator' AND cost > 0 AND cpu_seconds > 0.2""", List.of("shared"));

                shop.api()
                        .deleteBranch(new DeleteBranchRequest()
                                .setName(Shop.name("spike"))
                                .setPurge(true));
                String before = query(
                        system,
                        "SELECT sum(base_quantity) FROM billing.cost WHERE branch_name = 'spike' "
                                + "AND usage_type = 'COMPUTE_TIME'");
                assertThat(before).isNotNull();

                String record = query(system, """
                        SELECT record_id FROM billing.usage
                        WHERE branch_name = 'spike' AND usage_type = 'COMPUTE_TIME'
                        ORDER BY usage_start_time LIMIT 1""");
                command(server, "usage", "correct", record, "0", "--reason", "a test");
                assertThat(query(
                                system,
                                "SELECT string_agg(record_type, ' ' ORDER BY record_type) FROM billing.usage "
                                        + "WHERE '" + record + "' IN (record_id::text, corrects::text)"))
                        .isEqualTo("ORIGINAL RESTATEMENT RETRACTION");
                assertThat(query(
                                system,
                                "SELECT sum(base_quantity) = 0 FROM billing.usage WHERE '" + record
                                        + "' IN (record_id::text, corrects::text)"))
                        .isEqualTo("t");

                command(server, "prices", "set", "ESPALIER_DATABASE_SERVERLESS_COMPUTE_CU", "0.5");
                assertThat(command(server, "prices", "list")).contains("0.5", "0.111", "CU_HOUR");
                await(
                        system,
                        "SELECT request_params->>'price' FROM system.access.audit WHERE action_name = 'setPrice'",
                        List.of("0.5"));
            }
        }
    }

    private static int gatewayPort(ServerProcess server) throws IOException, InterruptedException {
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpRequest health =
                    HttpRequest.newBuilder(URI.create(server.url() + "/health")).build();
            return JSON.readTree(client.send(health, BodyHandlers.ofString()).body())
                    .at("/gateway/port")
                    .asInt();
        }
    }

    private static Connection connect(ServerProcess server, int port, String database) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", "administrator");
        properties.setProperty("password", server.clientSecret());
        properties.setProperty("sslmode", "require");
        return DriverManager.getConnection(
                "jdbc:postgresql://127.0.0.1:" + port + "/" + database.replace("@", "%40"), properties);
    }

    private static void await(Connection session, String sql, List<String> expected) throws SQLException {
        Instant deadline = Instant.now().plus(SOON);
        while (true) {
            List<String> found = new ArrayList<>();
            try (var statement = session.createStatement();
                    var rows = statement.executeQuery(sql)) {
                while (rows.next()) {
                    found.add(rows.getString(1));
                }
            }
            if (found.equals(expected) || Instant.now().isAfter(deadline)) {
                assertThat(found).isEqualTo(expected);
                return;
            }
            LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
        }
    }

    private static String query(Connection session, String sql) throws SQLException {
        try (var statement = session.createStatement();
                var rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getString(1);
        }
    }

    private static String command(ServerProcess server, String... arguments) throws IOException {
        Jvm.Ended ended = new Jvm("cli", Espalier.class, server.home(), List.of(arguments)).run();
        assertThat(ended.exitCode()).as(ended.err()).isZero();
        return ended.out();
    }
}
