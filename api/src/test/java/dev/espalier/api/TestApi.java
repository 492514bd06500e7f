package dev.espalier.api;

import dev.espalier.api.audit.AuditVerification;
import dev.espalier.api.system.Health;
import dev.espalier.control.Calls;
import dev.espalier.control.ControlDatabase;
import dev.espalier.control.ControlPlane;
import dev.espalier.control.SystemStatus;
import dev.espalier.control.admission.Governance;
import dev.espalier.control.admission.Sight;
import dev.espalier.control.replay.Obstacle;
import dev.espalier.control.replay.StatementTexts;
import dev.espalier.control.request.ControlException;
import dev.espalier.control.setting.ControlSettings;
import dev.espalier.engine.Engine;
import dev.espalier.engine.Layout;
import dev.espalier.identity.AccessTokens;
import dev.espalier.identity.ClientCredentials;
import dev.espalier.identity.ClientSecrets;
import dev.espalier.identity.DatabaseCredentials;
import dev.espalier.identity.FirstAdministrator;
import dev.espalier.identity.SignedStatements;
import dev.espalier.identity.SigningKeys;
import dev.espalier.identity.TrustedTokens;
import dev.espalier.journal.JournalSchema;
import dev.espalier.journal.OpenUsage;
import dev.espalier.journal.metering.Corrections;
import dev.espalier.journal.metering.PriceList;
import dev.espalier.journal.metering.UsageMeter;
import dev.espalier.postgres.Installations;
import dev.espalier.postgres.OsUser;
import dev.espalier.storage.Backend;
import dev.espalier.storage.Backends;
import dev.espalier.storage.Owner;
import dev.espalier.testing.TestInstallations;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import tools.jackson.databind.JsonNode;

/** The whole API over a real control plane, in a directory of its own. */
final class TestApi implements AutoCloseable {

    static final String ISSUER = "http://127.0.0.1/oidc";
    static final String P = "/api/2.0/postgres";
    private static final Duration LONGEST_OPERATION = Duration.ofMinutes(1);
    static final String SCIM = "/api/2.0/preview/scim/v2";

    final Path directory;
    final URI url;
    final AccessTokens tokens;
    final SigningKeys keys;
    /** A call as the audit is told of it. */
    record Witnessed(String operation, Map<String, String> parameters, Calls.Call call) {}

    final List<Witnessed> witnessed = new CopyOnWriteArrayList<>();

    /** Why the audit could not take note of a change. */
    volatile Optional<String> obstacle = Optional.empty();

    private final class Witness implements Calls.Witness {
        @Override
        public Optional<String> obstacle() {
            return obstacle;
        }

        @Override
        public void saw(Calls.Call call, Optional<String> operation, Map<String, String> parameters) {
            obstacle.filter(_ -> !call.method().equals("GET")).ifPresent(why -> {
                throw new ControlException(ControlException.Code.TEMPORARILY_UNAVAILABLE, why);
            });
            witnessed.add(new Witnessed(operation.orElse(""), parameters, call));
        }
    }

    /** What the server would say is not as it should be. */
    final List<String> problems = new ArrayList<>();

    final RecordingAdmission admission = new RecordingAdmission();
    final ControlPlane plane;

    /** Checks the audit. */
    volatile Supplier<AuditVerification> audit = () -> new AuditVerification(true, 0, Optional.empty());

    private final ControlDatabase database;
    final ApiServer server;
    private final HttpClient client = HttpClient.newHttpClient();
    private final JsonNode administrator;

    TestApi(Path directory) throws IOException {
        this.directory = directory;
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        OsUser user = OsUser.forPostgres("espalier");
        Installations installations = TestInstallations.all();
        Layout layout = new Layout(
                directory.resolve("volumes"),
                directory.resolve("volumes/.wal"),
                directory.resolve("run"),
                directory.resolve("log"),
                user);
        Backends backends = new Backends(directory, new Owner(user.uid(), user.gid()));
        Engine engine = new Engine(backends.open(Backend.COPY), layout, installations, step -> {});
        database =
                ControlDatabase.embedded(directory.resolve("system"), installations.get(Installations.BUNDLED), user);
        Clock clock = Clock.systemUTC();
        keys = SigningKeys.inFile(directory.resolve("signing-key.json"));
        plane = new ControlPlane(
                database,
                engine,
                installations,
                new ControlSettings(List.of(), Duration.ofDays(7), 32 << 20, Duration.ofDays(30)),
                clock,
                new SystemStatus.Facts("1.2.3", directory.toString(), directory.toString(), "COPY", "chosen"),
                new Witness(),
                new UsageMeter(record -> {}, Duration.ofMinutes(1), new OpenUsage(directory.resolve("open-usage"))),
                new Governance(admission, admission, RecordingAdmission::functions, new SignedStatements(keys)));
        JournalSchema.migrate(database.dataSource());
        plane.start("test");
        ClientSecrets secrets = new ClientSecrets(new SecureRandom());
        Path credentials = directory.resolve("admin-credentials.json");
        FirstAdministrator.ensure(plane.principals(), secrets, credentials);
        administrator = Json.tree(Files.readString(credentials));
        tokens = new AccessTokens(keys, ISSUER, plane.principals(), clock);
        server = new ApiServer(
                plane,
                plane.replay(new PlainTexts()),
                new Identity(
                        keys,
                        new ClientCredentials(plane.principals(), secrets),
                        tokens,
                        new TrustedTokens(tokens, List.of(), plane.principals(), clock),
                        new DatabaseCredentials(keys, ISSUER, plane.principals(), clock),
                        secrets),
                "1.2.3",
                new Health.Gateway("0.0.0.0", 5400),
                () -> problems,
                () -> audit.get(),
                new Billing(
                        new PriceList(database.dataSource(), clock),
                        new Corrections(database.dataSource(), records -> {})),
                clock);
        url = server.start("127.0.0.1", 0);
    }

    /** Takes every statement for one that reads. */
    private static final class PlainTexts implements StatementTexts {
        @Override
        public Optional<Obstacle> obstacle(String text) {
            return Optional.empty();
        }

        @Override
        public String sent(String text, Sight sight) {
            return text;
        }
    }

    /** Who is remembered to have made a branch. */
    Optional<String> makerOf(String branchId) throws SQLException {
        try (var session = database.dataSource().getConnection();
                var statement = session.prepareStatement("SELECT created_by FROM control.branch WHERE branch_id = ?")) {
            statement.setString(1, branchId);
            try (var rows = statement.executeQuery()) {
                rows.next();
                return Optional.ofNullable(rows.getString(1));
            }
        }
    }

    String clientId() {
        return administrator.get("client_id").asString();
    }

    String clientSecret() {
        return administrator.get("client_secret").asString();
    }

    /** Asks for a token with HTTP Basic. */
    Reply signIn(String clientId, String secret, String form) {
        String pair = Base64.getEncoder().encodeToString((clientId + ":" + secret).getBytes(StandardCharsets.UTF_8));
        return send(HttpRequest.newBuilder(url.resolve("/oidc/v1/token"))
                .header("Authorization", "Basic " + pair)
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(BodyPublishers.ofString(form)));
    }

    String accessToken() {
        return signIn(clientId(), clientSecret(), "grant_type=client_credentials&scope=all-apis")
                .json()
                .get("access_token")
                .asString();
    }

    /** Makes a service principal as espalier principals create does, and answers its name, client_id and client_secret. */
    JsonNode principal(String name) {
        JsonNode made = call("POST", SCIM + "/ServicePrincipals", "{\"displayName\":\"" + name + "\"}")
                .ok();
        JsonNode secret = call(
                        "POST",
                        "/api/2.0/accounts/servicePrincipals/" + made.get("id").asString() + "/credentials/secrets",
                        "{}")
                .ok();
        return Json.tree("{\"id\":\"%s\",\"client_id\":\"%s\",\"client_secret\":\"%s\"}"
                .formatted(
                        made.get("id").asString(),
                        made.get("applicationId").asString(),
                        secret.get("secret").asString()));
    }

    /** An access token for a service principal. */
    String token(JsonNode principal) {
        return signIn(
                        principal.get("client_id").asString(),
                        principal.get("client_secret").asString(),
                        "grant_type=client_credentials&scope=all-apis")
                .ok()
                .get("access_token")
                .asString();
    }

    /** Calls with a token. */
    Reply as(String token, String method, String path, String body) {
        return send(
                request(path).header("Authorization", "Bearer " + token).method(method, BodyPublishers.ofString(body)));
    }

    /** Calls as the administrator; waits for the end of what the call has begun where that is answered before it is done. */
    Reply call(String method, String path, String body) {
        Reply reply = once(method, path, body);
        long end = System.nanoTime() + LONGEST_OPERATION.toNanos();
        while (reply.isUnderWay() && System.nanoTime() < end) {
            LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
            reply = once("GET", P + "/" + reply.json().get("name").asString(), "");
        }
        return reply;
    }

    private Reply once(String method, String path, String body) {
        return send(request(path)
                .header("Authorization", "Bearer " + accessToken())
                .method(method, BodyPublishers.ofString(body)));
    }

    Reply get(String path) {
        return call("GET", path, "");
    }

    /** A call without sign-in, to be completed. */
    HttpRequest.Builder request(String path) {
        return request(url.resolve(path));
    }

    /** The same at another address. */
    HttpRequest.Builder request(URI address) {
        return HttpRequest.newBuilder(address).header("User-Agent", "test/1");
    }

    Reply send(HttpRequest.Builder request) {
        try {
            HttpResponse<String> response = client.send(request.build(), BodyHandlers.ofString());
            return new Reply(response.statusCode(), response.headers().map(), response.body());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        client.close();
        server.close();
        plane.close();
        database.close();
        try (var files = Files.walk(directory)) {
            files.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(File::delete);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
