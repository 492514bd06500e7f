package dev.espalier.benchmarks;

import dev.espalier.cli.client.ApiClient;
import dev.espalier.cli.client.Directory;
import dev.espalier.cli.client.GatewayLogin;
import dev.espalier.cli.client.Json;
import dev.espalier.cli.client.Pages;
import dev.espalier.cli.client.Query;
import dev.espalier.cli.client.Reply;
import dev.espalier.postgres.PostgresInstallation;
import dev.espalier.postgres.UnixSockets;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** A server of its own, and what the benchmark asks of it over HTTP and SQL. */
final class BenchServer implements AutoCloseable {

    static final String PROJECT = "bench";

    private final OwnServer server;
    private final ApiClient api;

    private BenchServer(OwnServer server) {
        this.server = server;
        this.api = server.api();
    }

    /** Snapshots are taken far apart, so that the distance a rewind replays is what the benchmark makes it. */
    static BenchServer start() throws IOException {
        return new BenchServer(OwnServer.start(
                "espalier-bench",
                "--gateway.connections_per_principal=2000",
                "--gateway.connections_per_endpoint=2000",
                "--history.snapshot_every=1GB"));
    }

    JsonNode get(String path) {
        return api.get(path, Query.none()).json();
    }

    /** The first resources of a list. */
    JsonNode page(String path, int size) {
        return api.get(path, Query.none().with("page_size", size)).json();
    }

    List<JsonNode> all(String path, String key) {
        List<JsonNode> items = new ArrayList<>();
        new Pages(api).all(path, key, Query.none()).json().path(key).forEach(items::add);
        return items;
    }

    Reply done(Reply begun) {
        return server.done(begun);
    }

    void post(String path, Query query, JsonNode body) {
        var _ = done(api.post(path, query, body));
    }

    /** Calls that begin no operation. */
    void send(String path, JsonNode body) {
        api.post(path, Query.none(), body);
    }

    void change(String path, JsonNode body) {
        api.patch(path, Query.none(), body);
    }

    /** A secret of a service principal, made for this. */
    String secretOf(String principal) {
        return api.post(new Directory(api).secrets(principal), Query.none(), Json.object())
                .json()
                .path("secret")
                .asString("");
    }

    static String name(String branch) {
        return "projects/" + PROJECT + "/branches/" + branch;
    }

    void makeProject() {
        makeProject(PROJECT, PostgresInstallation.NEWEST);
    }

    void makeProject(String id, int major) {
        ObjectNode spec = Json.object();
        spec.put("pg_version", major);
        spec.putObject("default_endpoint_settings").put("no_suspension", true);
        post("projects", Query.none().with("project_id", id), wrap(spec));
    }

    /** The installation of the version that the server uses. */
    Optional<PostgresInstallation> installation(int major) {
        for (JsonNode installation : get("system").path("postgres")) {
            if (installation.path("major").asInt(0) == major) {
                return Optional.of(PostgresInstallation.at(
                        Path.of(installation.path("home").asString(""))));
            }
        }
        return Optional.empty();
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
        return socketOf(name(branch) + "/endpoints/primary");
    }

    Path socketOf(String endpoint) {
        return Path.of(get(endpoint).path("status").path("hosts").path("host").asString(""));
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
        return server.pid();
    }

    /** MiB of the server's process after a collection. */
    double memoryMib() throws IOException {
        Path jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
        for (int i = 0; i < 2; i++) {
            var _ = new ProcessBuilder(jcmd.toString(), Long.toString(pid()), "GC.run")
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .onExit()
                    .join();
        }
        return Memory.pssKib(pid()) / 1024.0;
    }

    /** A directory in the server's home, which goes with it. */
    Path workDirectory(String name) throws IOException {
        return Files.createDirectories(server.home().resolve(name));
    }

    private static ObjectNode wrap(ObjectNode spec) {
        ObjectNode body = Json.object();
        body.set("spec", spec);
        return body;
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
