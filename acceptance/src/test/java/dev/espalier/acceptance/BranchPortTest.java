package dev.espalier.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.cli.Espalier;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Ports that lead to one branch, by psql, across a restart of the server. */
class BranchPortTest {

    private static final JsonMapper JSON = new JsonMapper();
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final String WHERE = "SELECT branch FROM here";

    private TestHome home;
    private ServerProcess server;

    @BeforeEach
    void start() throws IOException {
        home = new TestHome();
        server = home.start("--http.port=0");
    }

    @AfterEach
    void stop() throws IOException {
        home.close();
    }

    @Test
    void aPortLeadsToItsBranchWhateverTheDatabaseAlsoAfterARestart()
            throws IOException, TimeoutException, SQLException {
        Shop shop = Shop.open(server);
        shop.sql("production").execute("CREATE DATABASE orders");
        shop.sql("production", "primary", "orders", shop.owner())
                .execute("CREATE TABLE here AS SELECT 'production' AS branch");
        shop.branch("dev");
        shop.branch("gone");
        shop.sql("dev", "primary", "orders", shop.owner()).execute("UPDATE here SET branch = 'dev'");
        int dev = open("dev");
        int production = open("production");
        int gone = open("gone");
        JsonNode stranger = command("principals", "create", "stranger", "-o", "json");
        command("permissions", "grant", "CAN_USE", "stranger");

        assertThat(psql(dev, "orders", WHERE)).isEqualTo("dev");
        assertThat(psql(production, "orders", WHERE)).isEqualTo("production");
        assertThat(psql(dev, "databricks_postgres", "SELECT current_database()"))
                .isEqualTo("databricks_postgres");
        assertThat(psql(dev, "nothing", "SELECT 1")).contains("no database \"nothing\" on projects/shop/branches/dev");
        assertThat(run("ports", "open", "dev", Integer.toString(production)).err())
                .contains("leads to a branch already");
        assertThat(as(stranger, "ports", "open", "dev").err()).contains("needs CAN_MANAGE");
        assertThat(as(stranger, "ports", "list", "dev").out()).contains(Integer.toString(dev));

        shop.api().deleteBranch(Shop.name("gone")).waitForCompletion();
        await(() -> psql(gone, "orders", WHERE).contains("Connection refused"));
        server.stop();
        try (ServerSocket taken = new ServerSocket(production, 1, InetAddress.getLoopbackAddress())) {
            server = home.start("--http.port=0");
            assertThat(psql(dev, "orders", WHERE)).isEqualTo("dev");
            assertThat(run("status").out())
                    .containsPattern(dev + " .* dev +OPEN")
                    .containsPattern(taken.getLocalPort() + " .* production +CLOSED +.*cannot listen")
                    .doesNotContain(Integer.toString(gone));
        }
        await(() -> psql(production, "orders", WHERE).equals("production"));
    }

    @Test
    void theDatabasesAddressLeadsToItsOwnProjectsDefaultBranchThroughAPortOrHostNameOfAnother() throws Exception {
        Shop shop = Shop.open(server);
        shop.branch("dev");
        command("projects", "create", "annex");
        int dev = open("dev");
        String annex = "annex/databricks_postgres";
        assertThat(psql(dev, annex, "CREATE TABLE here AS SELECT 'annex' AS branch"))
                .contains("SELECT 1");

        assertThat(psql(dev, annex, WHERE)).isEqualTo("annex");
        assertThat(psql(dev, "databricks_postgres", WHERE)).contains("does not exist");
        String host = "dev.shop.db.example.com hostaddr=127.0.0.1";
        assertThat(psql(host, server.gatewayPort(), annex, WHERE)).isEqualTo("annex");
        assertThat(psql(host, server.gatewayPort(), "databricks_postgres", WHERE))
                .contains("does not exist");
    }

    private int open(String branch) throws IOException {
        return command("ports", "open", branch, "-o", "json").get("port").asInt();
    }

    private interface Condition {
        boolean holds() throws IOException;
    }

    private static void await(Condition condition) throws IOException {
        Instant deadline = Instant.now().plus(SOON);
        while (!condition.holds()) {
            assertThat(Instant.now()).isBefore(deadline);
            LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
        }
    }

    private String psql(int port, String database, String sql) throws IOException {
        return psql("127.0.0.1", port, database, sql);
    }

    private String psql(String host, int port, String database, String sql) throws IOException {
        ProcessBuilder psql = new ProcessBuilder(
                "psql",
                "host=" + host + " port=" + port + " user=administrator dbname=" + database + " sslmode=require",
                "-At",
                "-c",
                sql);
        psql.environment().put("PGPASSWORD", server.clientSecret());
        Process process = psql.redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.onExit().join();
        return output.strip();
    }

    private JsonNode command(String... arguments) throws IOException {
        Jvm.Ended ended = run(arguments);
        assertThat(ended.exitCode()).as(ended.err()).isZero();
        return ended.out().startsWith("{") ? JSON.readTree(ended.out()) : JSON.nullNode();
    }

    private Jvm.Ended run(String... arguments) throws IOException {
        return espalier(arguments).run();
    }

    private Jvm.Ended as(JsonNode principal, String... arguments) throws IOException {
        return espalier(arguments)
                .with("ESPALIER_CLIENT_ID", principal.get("client_id").asString())
                .with("ESPALIER_CLIENT_SECRET", principal.get("client_secret").asString())
                .run();
    }

    private Jvm espalier(String... arguments) throws IOException {
        return new Jvm("cli", Espalier.class, server.home(), List.of(arguments)).with("ESPALIER_PROJECT", "shop");
    }
}
