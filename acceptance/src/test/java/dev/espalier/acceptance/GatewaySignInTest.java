package dev.espalier.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.databricks.sdk.WorkspaceClient;
import com.databricks.sdk.core.DatabricksConfig;
import com.databricks.sdk.service.iam.MeRequest;
import com.databricks.sdk.service.postgres.CreateProjectRequest;
import com.databricks.sdk.service.postgres.ListProjectsRequest;
import com.databricks.sdk.service.postgres.Project;
import dev.espalier.cli.Espalier;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Who gets in at the gateway, by PostgreSQL's own client, and what the others are told. */
class GatewaySignInTest {

    private static final JsonMapper JSON = new JsonMapper();
    private static final String SCRAM = "options='-c espalier.auth=scram-sha-256'";

    private static Issuer issuer;
    private static TestHome home;
    private static ServerProcess server;
    private static int port;
    private static String secret;

    /** What psql has said, on both its streams. */
    private record Said(int exitCode, String text) {}

    @BeforeAll
    static void begin() throws IOException, InterruptedException, TimeoutException {
        issuer = new Issuer();
        home = new TestHome();
        server = home.start("--http.port=0", "--identity.issuers=" + issuer.url() + " audience=espalier");
        try (HttpClient client = HttpClient.newHttpClient()) {
            String health = client.send(
                            HttpRequest.newBuilder(URI.create(server.url() + "/health"))
                                    .build(),
                            BodyHandlers.ofString())
                    .body();
            port = JSON.readTree(health).at("/gateway/port").asInt();
        }
        Shop.signIn(server, server.clientSecret())
                .postgres()
                .createProject(new CreateProjectRequest().setProjectId("shop").setProject(new Project()))
                .waitForCompletion();
        command("users", "create", "ann@example.com");
        command("users", "create", "stranger@example.com");
        command("groups", "create", "team");
        command("groups", "add", "team", "ann@example.com");
        command("permissions", "grant", "CAN_USE", "team");
        secret = made("app").get("client_secret").asString();
        command("permissions", "grant", "CAN_USE", "app");
    }

    @AfterAll
    static void end() throws IOException {
        home.close();
        issuer.close();
    }

    @Test
    void aUserSignsInWithTheIdentityProvidersTokenAndHasWhatTheGroupHas() throws IOException {
        Said said = psql("ann@example.com", token("ann@example.com"), "", "SELECT session_user");
        assertThat(said).isEqualTo(new Said(0, "ann@example.com"));
        assertThat(psql("Ann@Example.com", token("Ann@Example.com"), "", "SELECT session_user"))
                .isEqualTo(new Said(0, "ann@example.com"));
        WorkspaceClient api = new WorkspaceClient(
                new DatabricksConfig().setHost(server.url()).setAuthType("pat").setToken(token("ann@example.com")));
        assertThat(api.currentUser().me(new MeRequest()).getUserName()).isEqualTo("ann@example.com");
        assertThat(api.postgres().listProjects(new ListProjectsRequest())).hasSize(1);

        issuer.rotate("second");
        assertThat(psql("ann@example.com", token("ann@example.com"), "", "SELECT 1")
                        .exitCode())
                .as("a new key of the issuer's")
                .isZero();
    }

    @Test
    void whoLeavesAGroupIsOutAtTheNextSignIn() throws IOException {
        command("users", "create", "bob@example.com");
        command("groups", "create", "inner");
        command("groups", "add", "inner", "bob@example.com");
        command("groups", "add", "team", "inner");
        String token = token("bob@example.com");
        assertThat(psql("bob@example.com", token, "", "SELECT 1").exitCode()).isZero();

        command("groups", "remove", "team", "inner");

        assertRefused(
                psql("bob@example.com", token, "dbname=shop/databricks_postgres", ""),
                "bob@example.com",
                "no right to connect",
                "project shop");
        command("groups", "add", "team", "inner");
        command("users", "update", "bob@example.com", "--no-active");
        assertRefused(psql("bob@example.com", token, "", ""), "bob@example.com is deactivated");
        command("users", "delete", "bob@example.com");
        assertRefused(psql("bob@example.com", token, "", ""), "no principal", "bob@example.com");
    }

    @Test
    void aTokenThatIsNotGoodIsRefusedWithTheReason() throws IOException {
        Instant soon = Instant.now().plusSeconds(300);
        assertRefused(
                psql(
                        "ann@example.com",
                        issuer.token(
                                "ann@example.com", "espalier", Instant.now().minusSeconds(61)),
                        "",
                        ""),
                "EXPIRED",
                "expired at");
        assertThat(psql(
                                "ann@example.com",
                                issuer.token(
                                        "ann@example.com",
                                        "espalier",
                                        Instant.now().minusSeconds(5)),
                                "",
                                "")
                        .exitCode())
                .as("clocks differ")
                .isZero();
        assertRefused(
                psql("ann@example.com", issuer.token("ann@example.com", "grafana", soon), "", ""),
                "WRONG_AUDIENCE",
                "grafana");
        assertRefused(
                psql("eve@example.com", token("eve@example.com"), "", ""), "UNKNOWN_PRINCIPAL", "eve@example.com");
        assertRefused(
                psql("ann@example.com", token("stranger@example.com"), "", ""), "stands for stranger@example.com");
        assertRefused(
                psql("stranger@example.com", token("stranger@example.com"), "dbname=shop/databricks_postgres", ""),
                "no right to connect",
                "project shop");
        assertRefused(psql("ann@example.com", "hunter2", "", ""), "not a signed JSON Web Token");
    }

    @Test
    void aSecretThatIsNotGoodIsRefusedWithTheReason() throws IOException {
        assertThat(psql("app", secret, "", "SELECT session_user")).isEqualTo(new Said(0, "app"));
        assertRefused(psql("app", "esp_wrong", "", ""), "none of app's", "revoked");
        assertRefused(psql("nobody", secret, "", ""), "no principal nobody");
        assertRefused(psql("ann@example.com", secret, "", ""), "is a user");

        JsonNode renewed = made("renewed");
        command("permissions", "grant", "CAN_USE", "renewed");
        String second = JSON.readTree(command("principals", "secret", "renewed", "-o", "json"))
                .get("secret")
                .asString();
        String first = renewed.get("client_secret").asString();
        for (String each : List.of(first, second)) {
            assertThat(psql("renewed", each, "", "SELECT 1").exitCode()).isZero();
            assertThat(psql("renewed", each, SCRAM, "SELECT 1").exitCode()).isZero();
        }
        String oldest = JSON.readTree(command("principals", "secrets", "renewed", "-o", "json"))
                .at("/secrets/1/id")
                .asString();
        command("principals", "revoke", "renewed", oldest);
        assertRefused(psql("renewed", first, "", ""), "none of renewed's");
        assertRefused(psql("renewed", first, SCRAM, ""), "password is wrong");
        assertThat(psql("renewed", second, SCRAM, "SELECT 1").exitCode()).isZero();
    }

    @Test
    void whereTheClientAsksForScramTheSecretDoesNotLeaveIt() throws IOException, SQLException {
        assertThat(psql("app", secret, SCRAM + " channel_binding=require", "SELECT session_user"))
                .isEqualTo(new Said(0, "app"));
        assertThat(psql("app", secret, SCRAM + " sslmode=disable", "SELECT session_user"))
                .isEqualTo(new Said(0, "app"));
        assertRefused(psql("app", secret, "channel_binding=require", ""), "channel binding");
        assertRefused(psql("app", "esp_wrong", SCRAM, ""), "password is wrong");
        assertRefused(psql("nobody", secret, SCRAM, ""), "no principal nobody");
        assertRefused(psql("ann@example.com", secret, SCRAM, ""), "only service principals");

        Properties jdbc = new Properties();
        jdbc.setProperty("user", "app");
        jdbc.setProperty("password", secret);
        jdbc.setProperty("sslmode", "require");
        jdbc.setProperty("requireAuth", "scram-sha-256");
        String url = "jdbc:postgresql://127.0.0.1:" + port + "/databricks_postgres";
        assertThatThrownBy(() -> DriverManager.getConnection(url, jdbc).close()).isInstanceOf(SQLException.class);
        jdbc.setProperty("options", "-c espalier.auth=scram-sha-256");
        jdbc.setProperty("channelBinding", "require");
        try (Connection session = DriverManager.getConnection(url, jdbc)) {
            assertThat(session.isValid(5)).isTrue();
        }
    }

    private static String token(String email) {
        return issuer.token(email, "espalier", Instant.now().plusSeconds(300));
    }

    private static JsonNode made(String principal) throws IOException {
        return JSON.readTree(command("principals", "create", principal, "-o", "json"));
    }

    private static void assertRefused(Said said, String... parts) {
        assertThat(said.exitCode()).isEqualTo(2);
        assertThat(said.text()).contains(parts).doesNotContain("password authentication failed");
    }

    /** @param more connection parameters, stronger than the usual ones */
    private static Said psql(String user, String password, String more, String sql) throws IOException {
        ProcessBuilder command = new ProcessBuilder(
                "psql",
                "-XAtw",
                "host=127.0.0.1 port=" + port + " user=" + user + " dbname=databricks_postgres sslmode=require " + more,
                "-c",
                sql);
        command.environment().put("PGPASSWORD", password);
        Path output = Files.createTempFile("psql", ".txt");
        Process psql = command.redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        int exitCode = psql.onExit().join().exitValue();
        String text = Files.readString(output, StandardCharsets.UTF_8).strip();
        Files.delete(output);
        return new Said(exitCode, text);
    }

    private static String command(String... arguments) throws IOException {
        Jvm.Ended ended = new Jvm("cli", Espalier.class, server.home(), List.of(arguments))
                .with("ESPALIER_PROJECT", "shop")
                .run();
        assertThat(ended.exitCode()).as(ended.err()).isZero();
        return ended.out();
    }
}
