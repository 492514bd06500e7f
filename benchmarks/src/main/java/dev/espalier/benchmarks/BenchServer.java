package dev.espalier.benchmarks;

import dev.espalier.cli.client.ApiClient;
import dev.espalier.cli.client.GatewayLogin;
import dev.espalier.cli.client.Home;
import dev.espalier.cli.client.Json;
import dev.espalier.cli.client.Operations;
import dev.espalier.cli.client.Pages;
import dev.espalier.cli.client.Query;
import dev.espalier.cli.client.Reply;
import dev.espalier.cli.client.Transport;
import dev.espalier.postgres.UnixSockets;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** A server of its own, in a home that is new, and what the benchmark asks of it over HTTP and SQL. */
final class BenchServer implements AutoCloseable {

    static final String PROJECT = "bench";

    private static final Duration START = Duration.ofMinutes(2);
    private static final long POLL_NANOS = 20_000_000;

    private final Path home;
    private final Process process;
    private final ApiClient api;

    private BenchServer(Path home, Process process, ApiClient api) {
        this.home = home;
        this.process = process;
        this.api = api;
    }

    /** Snapshots are taken far apart, so that the distance a rewind replays is what the benchmark makes it. */
    static BenchServer start() throws IOException {
        Path home = Files.createTempDirectory(Path.of("/var/tmp"), "espalier-bench");
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        ProcessBuilder builder = new ProcessBuilder(
                        java,
                        "--enable-native-access=ALL-UNNAMED",
                        // As the launcher starts it.
                        "-XX:-DontCompileHugeMethods",
                        "-Dio.netty.leakDetection.level=disabled",
                        "-cp",
                        System.getProperty("java.class.path"),
                        "dev.espalier.server.Main",
                        "--http.port=0",
                        "--gateway.port=0",
                        "--gateway.connections_per_principal=2000",
                        "--gateway.connections_per_endpoint=2000",
                        "--history.snapshot_every=1GB")
                .redirectErrorStream(true)
                .redirectOutput(home.resolve("server.log").toFile());
        builder.environment().put("ESPALIER_HOME", home.toString());
        Process process = builder.start();
        Home espalier = Home.of(Map.of("ESPALIER_HOME", home.toString()), home);
        long end = System.nanoTime() + START.toNanos();
        while (espalier.server().isEmpty()) {
            if (!process.isAlive() || System.nanoTime() > end) {
                throw new IOException(
                        "the server did not start; its log: " + Files.readString(home.resolve("server.log")));
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
        Map<String, String> variables = Map.of("ESPALIER_HOME", home.toString());
        Transport transport = new Transport(espalier.server().orElseThrow().url(), "espalier-bench");
        return new BenchServer(
                home, process, new ApiClient(transport, variables, espalier, Clock.systemUTC(), System.err::println));
    }

    JsonNode get(String path) {
        return api.get(path, Query.none()).json();
    }

    List<JsonNode> all(String path, String key) {
        List<JsonNode> items = new ArrayList<>();
        new Pages(api).all(path, key, Query.none()).json().path(key).forEach(items::add);
        return items;
    }

    Reply done(Reply begun) {
        return new Operations(api, (name, waited) -> {}).await(begun);
    }

    void post(String path, Query query, JsonNode body) {
        var _ = done(api.post(path, query, body));
    }

    static String name(String branch) {
        return "projects/" + PROJECT + "/branches/" + branch;
    }

    void makeProject() {
        ObjectNode spec = Json.object();
        spec.putObject("default_endpoint_settings").put("no_suspension", true);
        post("projects", Query.none().with("project_id", PROJECT), wrap(spec));
    }

    void createBranch(String branch, ObjectNode spec) {
        spec.put("no_expiry", true);
        post("projects/" + PROJECT + "/branches", Query.none().with("branch_id", branch), wrap(spec));
    }

    void reset(String branch) {
        post(name(branch) + "/reset", Query.none(), Json.object());
    }

    void suspend(String branch) {
        post(name(branch) + "/endpoints/primary/suspend", Query.none(), Json.object());
    }

    void wake(String branch) {
        post(name(branch) + "/endpoints/primary/wake", Query.none(), Json.object());
    }

    void drop(String branch) {
        var _ = done(api.delete(name(branch), Query.none().with("purge", true)));
    }

    /** The directory of the socket of the branch's read-write endpoint. */
    Path socket(String branch) {
        return Path.of(get(name(branch) + "/endpoints/primary")
                .path("status")
                .path("hosts")
                .path("host")
                .asString(""));
    }

    /** A session as the superuser, which the user that runs the server may be. */
    Connection connect(Path socket, String database) throws SQLException {
        return UnixSockets.dataSource(socket, database, "espalier").getConnection();
    }

    Path dataDirectory() {
        return Path.of(get("system").path("data_directory").asString(""));
    }

    /** How to sign in to the gateway. */
    GatewayLogin login() {
        return GatewayLogin.of(api);
    }

    /** The password for {@link #login}. */
    String accessToken() {
        return api.accessToken();
    }

    /** libpq's variables for the superuser's session on a private socket. */
    List<String> superuser(Path socket, String database) {
        return List.of("PGHOST=" + socket, "PGPORT=5432", "PGUSER=espalier", "PGDATABASE=" + database);
    }

    /** Gives the branch's primary as many compute units, which its connections follow. */
    void resize(String branch, int units) {
        ObjectNode spec = Json.object();
        spec.put("autoscaling_limit_min_cu", 1).put("autoscaling_limit_max_cu", units);
        ObjectNode body = wrap(spec);
        body.put("name", name(branch) + "/endpoints/primary");
        var _ = done(api.patch(
                name(branch) + "/endpoints/primary",
                Query.none().with("update_mask", "spec.autoscaling_limit_min_cu,spec.autoscaling_limit_max_cu"),
                body));
    }

    long pid() {
        return process.pid();
    }

    /** MiB of the server's process after a collection. */
    double memoryMib() throws IOException {
        Path jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
        for (int i = 0; i < 2; i++) {
            end(new ProcessBuilder(jcmd.toString(), Long.toString(process.pid()), "GC.run")
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD));
        }
        return Memory.pssKib(process.pid()) / 1024.0;
    }

    /** A directory in the server's home, which goes with it. */
    Path workDirectory(String name) throws IOException {
        return Files.createDirectories(home.resolve(name));
    }

    private static ObjectNode wrap(ObjectNode spec) {
        ObjectNode body = Json.object();
        body.set("spec", spec);
        return body;
    }

    /** Stops the server and removes all that it had. */
    @Override
    public void close() throws IOException {
        process.destroy();
        process.onExit().join();
        for (String line : Files.readAllLines(Path.of("/proc/self/mounts"))) {
            String mountPoint = line.split(" ")[1];
            if (mountPoint.startsWith(home + "/")) {
                end(new ProcessBuilder("umount", mountPoint));
            }
        }
        end(new ProcessBuilder("rm", "-rf", home.toString()));
    }

    private static void end(ProcessBuilder command) throws IOException {
        command.start().onExit().join();
    }
}
