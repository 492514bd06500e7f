package dev.espalier.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.databricks.sdk.service.postgres.GenerateDatabaseCredentialRequest;
import dev.espalier.cli.Espalier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The command {@code espalier}, each time in a process of its own, against a started server. */
@ExtendWith(Shared.class)
class CommandLineTest {

    private static final JsonMapper JSON = new JsonMapper();

    /** How every JSON web token begins. */
    private static final String TOKEN = "eyJ";

    private final ServerProcess server;
    private final Shop shop;

    CommandLineTest(ServerProcess server, Shop shop) {
        this.server = server;
        this.shop = shop;
    }

    @Test
    void branchesAreMadeShownAndDeleted() throws IOException {
        assertThat(ok("branches", "create", "cli", "--ttl", "3d"))
                .contains("cli")
                .contains("READY")
                .contains("production");
        JsonNode shown = JSON.readTree(ok("branches", "get", "cli", "-o", "json"));
        assertThat(shown.get("name").asString()).isEqualTo(Shop.name("cli"));
        assertThat(shown.at("/status/expire_time").asString()).isNotEmpty();
        assertThat(ok("branches", "list")).startsWith("BRANCH").contains("cli").contains("EXPIRES");

        Jvm.Ended again = espalier("branches", "create", "cli", "--no-expiry");
        assertThat(again.exitCode()).isEqualTo(4);
        assertThat(again.err()).contains("already exists");

        JsonNode deleted = JSON.readTree(ok("branches", "delete", "cli", "-o", "json"));
        assertThat(deleted.get("done").asBoolean()).isTrue();
        assertThat(JSON.readTree(ok("branches", "list", "--deleted", "-o", "json"))
                        .get("branches")
                        .valueStream()
                        .map(branch -> branch.get("name").asString()))
                .contains(Shop.name("cli"));
    }

    @Test
    void aBranchIsComparedResetAndTakenBack() throws IOException, TimeoutException, SQLException {
        shop.branch("compared");
        shop.sql("compared").execute("CREATE TABLE seat (number int)");

        assertThat(ok("branches", "diff", "compared", "--against", "production"))
                .contains("seat");
        assertThat(ok("branches", "diff", "compared", "--against", "production", "--format", "ddl"))
                .contains("CREATE TABLE")
                .contains("seat");
        JsonNode diff = JSON.readTree(ok("branches", "diff", "compared", "--against", "production", "-o", "json"));
        assertThat(diff.get("databases")
                        .valueStream()
                        .map(database -> database.get("empty").asBoolean()))
                .contains(false);

        String before = shop.sql("compared")
                .query("SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')")
                .getFirst();
        shop.sql("compared").execute("DROP TABLE seat");
        ok("branches", "restore", "compared", "--at", before, "--preserve-under", "without-seat");
        assertThat(tables("compared")).containsExactly("seat");
        assertThat(tables("without-seat")).isEmpty();

        ok("branches", "delete", "without-seat", "--purge");
        ok("branches", "reset", "compared");
        assertThat(tables("compared")).isEmpty();
        assertThat(ok("branches", "diff", "compared", "--against", "production"))
                .isEmpty();
    }

    private List<String> tables(String branchId) throws SQLException {
        assertThat(shop.api().listRoles(Shop.name(branchId))).isNotEmpty();
        return shop.sql(branchId).query("SELECT tablename FROM pg_tables WHERE schemaname = 'public'");
    }

    @Test
    void theExitCodeSaysWhyNot() throws IOException {
        assertThat(espalier("branches", "get", "nowhere").exitCode()).isEqualTo(3);
        assertThat(espalier("branches", "create").exitCode()).isEqualTo(2);

        Jvm.Ended stranger = jvm("projects", "list")
                .with("ESPALIER_CLIENT_ID", "stranger")
                .with("ESPALIER_CLIENT_SECRET", "dose-of-guesswork")
                .run();
        assertThat(stranger.exitCode()).isEqualTo(5);
        assertThat(stranger.err()).doesNotContain("dose-of-guesswork");

        Jvm.Ended nobody = espalier("projects", "list", "--host", "http://127.0.0.1:1");
        assertThat(nobody.exitCode()).isEqualTo(6);
        assertThat(nobody.err()).contains("./espalier up");

        JsonNode refusal = JSON.readTree(
                espalier("branches", "get", "nowhere", "-o", "json").out());
        assertThat(refusal.get("error_code").asString()).isEqualTo("NOT_FOUND");
    }

    @Test
    void theRecordOfCallsSaysWhoCalledWhat() throws IOException {
        ok("branches", "get", "production");

        JsonNode calls = JSON.readTree(ok("calls", "list", "-o", "json")).get("calls");
        JsonNode call = calls.valueStream()
                .filter(candidate -> candidate.get("path").asString().endsWith("/" + Shop.PRODUCTION)
                        && candidate.path("user_agent").asString("").startsWith("espalier"))
                .findFirst()
                .orElseThrow();

        assertThat(call.get("method").asString()).isEqualTo("GET");
        assertThat(call.get("status_code").asInt()).isEqualTo(200);
        assertThat(call.get("principal").asString()).isNotEmpty();
        assertThat(call.get("source_address").asString()).isEqualTo("127.0.0.1");
        assertThat(ok("calls", "list", "--last", "5m"))
                .startsWith("TIME")
                .contains(call.get("request_id").asString())
                .contains(call.get("principal").asString());
    }

    @Test
    void noSecretGetsIntoALogOrAFileThatOthersCanRead() throws IOException {
        String credential = shop.api()
                .generateDatabaseCredential(
                        new GenerateDatabaseCredentialRequest().setEndpoint(Shop.PRODUCTION + "/endpoints/primary"))
                .getToken();
        assertThat(credential).startsWith(TOKEN);
        ok("system");

        assertThat(server.log()).doesNotContain(server.clientSecret()).doesNotContain(TOKEN);
        for (String file : List.of("admin-credentials.json", "signing-key.json", "cli-token.json")) {
            Path secret = server.home().resolve(file);
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(secret)))
                    .as(file)
                    .isEqualTo("rw-------");
        }
    }

    private String ok(String... arguments) throws IOException {
        Jvm.Ended ended = espalier(arguments);
        assertThat(ended.exitCode()).as(ended.err()).isZero();
        return ended.out();
    }

    /** Runs the command; what it says must not hold a secret. */
    private Jvm.Ended espalier(String... arguments) throws IOException {
        Jvm.Ended ended = jvm(arguments).run();
        assertThat(ended.out() + ended.err())
                .doesNotContain(server.clientSecret())
                .doesNotContain(TOKEN);
        return ended;
    }

    private Jvm jvm(String... arguments) throws IOException {
        return new Jvm("cli", Espalier.class, server.home(), List.of(arguments)).with("ESPALIER_PROJECT", "shop");
    }
}
