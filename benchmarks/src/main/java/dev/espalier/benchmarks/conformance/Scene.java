package dev.espalier.benchmarks.conformance;

import dev.espalier.benchmarks.OwnServer;
import dev.espalier.cli.client.GatewayLogin;
import dev.espalier.cli.client.Json;
import dev.espalier.cli.client.Query;
import dev.espalier.postgres.PostgresInstallation;
import dev.espalier.postgres.UnixSockets;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import org.postgresql.ds.PGSimpleDataSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** A project on a server of its own, both gone when it is closed, with all that a suite needs to run there. */
final class Scene implements AutoCloseable {

    static final String PROJECT = "conformance";
    static final String PRODUCTION = "production";
    static final String CAN_MANAGE = "CAN_MANAGE";
    static final String CAN_USE = "CAN_USE";

    /** What a suite that reads its own application_name back expects. */
    private static final String WITHOUT_TAG = "-c espalier.tag=off";

    private static final int SOCKET_PORT = 5432;

    private final OwnServer server;
    private final int major;

    /** Who signs in with his client secret. */
    record Principal(String name, String secret) {}

    private Scene(OwnServer server, int major) {
        this.server = server;
        this.major = major;
    }

    /** @param major version of PostgreSQL */
    static Scene open(int major) throws IOException {
        OwnServer server = OwnServer.start("espalier-conformance");
        Scene scene = new Scene(server, major);
        try {
            ObjectNode body = Json.object();
            ObjectNode spec = body.putObject("spec").put("pg_version", major);
            spec.putObject("default_endpoint_settings").put("no_suspension", true);
            scene.post("projects", Query.none().with("project_id", PROJECT), body);
            return scene;
        } catch (RuntimeException e) {
            server.close();
            throw e;
        }
    }

    /** Where that version of PostgreSQL is installed. */
    Path installation() {
        for (JsonNode installed : get("system").path("postgres")) {
            if (installed.path("major").asInt(0) == major) {
                return Path.of(installed.path("home").asString(""));
            }
        }
        throw new IllegalStateException("PostgreSQL " + major + " is not installed");
    }

    void branch(String branch) {
        ObjectNode body = Json.object();
        body.putObject("spec").put("no_expiry", true);
        post("projects/" + PROJECT + "/branches", Query.none().with("branch_id", branch), body);
    }

    /**
     * Makes a principal.
     *
     * @param level what he may on the project: CAN_MANAGE, and so create databases, or CAN_USE
     */
    Principal principal(String name, String level) {
        String id = server.api()
                .post(
                        "/api/2.0/preview/scim/v2/ServicePrincipals",
                        Query.none(),
                        Json.object().put("displayName", name))
                .json()
                .path("id")
                .asString("");
        String secret = server.api()
                .post("/api/2.0/accounts/servicePrincipals/" + id + "/credentials/secrets", Query.none(), Json.object())
                .json()
                .path("secret")
                .asString("");
        ObjectNode list = Json.object();
        list.putArray("access_control_list")
                .addObject()
                .put("service_principal_name", name)
                .put("permission_level", level);
        var _ = server.api().patch("/api/2.0/permissions/database-projects/" + PROJECT, Query.none(), list);
        return new Principal(name, secret);
    }

    /**
     * Gives the principal's role on a branch the rights that PostgreSQL's suites need: they load C functions and read
     * files. Nobody can ask for that through Espalier; only the branch's private socket allows it.
     */
    void makeSuperuser(String branch, Principal principal) throws SQLException {
        run(
                branch,
                "postgres",
                "CREATE ROLE \"" + principal.name() + "\" LOGIN CREATEDB SUPERUSER IN ROLE databricks_superuser");
    }

    /** Runs a statement as the superuser. */
    void run(String branch, String database, String sql) throws SQLException {
        try (var session = UnixSockets.dataSource(socket(branch), database, PostgresInstallation.SUPERUSER)
                        .getConnection();
                var statement = session.createStatement()) {
            statement.execute(sql);
        }
    }

    /** Says rules, as the administrator. */
    void say(List<String> statements) throws SQLException {
        GatewayLogin gateway = GatewayLogin.of(server.api());
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setServerNames(new String[] {gateway.host()});
        source.setPortNumbers(new int[] {gateway.port()});
        source.setDatabaseName("system");
        source.setUser(gateway.user());
        source.setPassword(server.api().accessToken());
        source.setSslMode("require");
        try (var session = source.getConnection();
                var statement = session.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    /** The rows of a table. */
    long count(String branch, String database, String table) throws SQLException {
        try (var session = UnixSockets.dataSource(socket(branch), database, PostgresInstallation.SUPERUSER)
                        .getConnection();
                var statement = session.createStatement();
                var rows = statement.executeQuery("SELECT count(*) FROM \"" + table + "\"")) {
            rows.next();
            return rows.getLong(1);
        }
    }

    /** The directory of the private socket of the branch's server. */
    Path socket(String branch) {
        return Path.of(get(name(branch) + "/endpoints/primary")
                .path("status")
                .path("hosts")
                .path("host")
                .asString(""));
    }

    /** Past the gateway. */
    Door direct(String branch, Principal principal) {
        return new Door("direct", socket(branch).toString(), SOCKET_PORT, principal.name(), principal.secret(), "");
    }

    /** By the gateway's port for all branches; the default branch's unless the database's name says another. */
    Door gateway(Principal principal) {
        GatewayLogin gateway = GatewayLogin.of(server.api());
        return new Door("gateway", gateway.host(), gateway.port(), principal.name(), principal.secret(), "");
    }

    /** Opens a port of its own for the branch. */
    Door ownPort(String branch, Principal principal) {
        JsonNode port = server.api()
                .post(name(branch) + "/ports", Query.none(), Json.object())
                .json();
        return new Door(
                "gateway",
                port.path("host").asString(""),
                port.path("port").asInt(0),
                principal.name(),
                principal.secret(),
                WITHOUT_TAG);
    }

    private static String name(String branch) {
        return "projects/" + PROJECT + "/branches/" + branch;
    }

    private JsonNode get(String path) {
        return server.api().get(path, Query.none()).json();
    }

    private void post(String path, Query query, JsonNode body) {
        var _ = server.done(server.api().post(path, query, body));
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
