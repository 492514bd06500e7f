package dev.espalier.acceptance;

import com.databricks.sdk.WorkspaceClient;
import com.databricks.sdk.service.iam.AccessControlRequest;
import com.databricks.sdk.service.iam.ComplexValue;
import com.databricks.sdk.service.iam.Group;
import com.databricks.sdk.service.iam.PermissionLevel;
import com.databricks.sdk.service.iam.ServicePrincipal;
import com.databricks.sdk.service.iam.UpdateObjectPermissions;
import com.databricks.sdk.service.oauth2.CreateServicePrincipalSecretRequest;
import com.databricks.sdk.service.postgres.Branch;
import com.databricks.sdk.service.postgres.BranchSpec;
import com.databricks.sdk.service.postgres.CreateBranchRequest;
import com.databricks.sdk.service.postgres.CreateProjectRequest;
import com.databricks.sdk.service.postgres.Project;
import com.databricks.sdk.service.postgres.ProjectSpec;
import dev.espalier.cli.Espalier;
import dev.espalier.postgres.PostgresInstallation;
import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/** A server of a test's own with principals, and with rules that are said in SQL. */
final class GovernedServer implements AutoCloseable {

    static final String ADMINISTRATOR = "administrator";
    static final String PRODUCTION = "production";

    private final TestHome home;
    private final ServerProcess server;
    private final WorkspaceClient workspace;
    private final int port;

    /** Of service principals, by name: id and secret. */
    private final Map<String, String> ids = new HashMap<>();

    private final Map<String, String> secrets = new HashMap<>();

    /** @param home is closed with this */
    GovernedServer(TestHome home, String... flags) throws IOException, InterruptedException {
        this.home = home;
        String[] all =
                Stream.concat(Stream.of("--http.port=0"), Stream.of(flags)).toArray(String[]::new);
        this.server = home.start(all);
        this.workspace = Shop.signIn(server, server.clientSecret());
        this.port = server.gatewayPort();
        secrets.put(ADMINISTRATOR, server.clientSecret());
    }

    /** Where PostgreSQL clients connect. */
    int port() {
        return port;
    }

    /** The password with which a principal signs in. */
    String secret(String principal) {
        String secret = secrets.get(principal);
        if (secret == null) {
            throw new IllegalArgumentException("nobody has made the principal " + principal);
        }
        return secret;
    }

    void principals(String... names) {
        for (String name : names) {
            ServicePrincipal made = workspace.servicePrincipals().create(new ServicePrincipal().setDisplayName(name));
            ids.put(name, made.getId());
            secrets.put(
                    name,
                    workspace
                            .servicePrincipalSecretsProxy()
                            .create(new CreateServicePrincipalSecretRequest().setServicePrincipalId(made.getId()))
                            .getSecret());
        }
    }

    void group(String name, String... principals) {
        List<ComplexValue> members = Stream.of(principals)
                .map(principal -> new ComplexValue().setValue(ids.get(principal)))
                .toList();
        workspace.groups().create(new Group().setDisplayName(name).setMembers(members));
    }

    /** Makes a project, with a database of the administrator's and of the same name, which groups may use. */
    void project(String project, int version, String... groups) throws TimeoutException, SQLException {
        workspace
                .postgres()
                .createProject(new CreateProjectRequest()
                        .setProjectId(project)
                        .setProject(new Project().setSpec(new ProjectSpec().setPgVersion((long) version))))
                .waitForCompletion();
        workspace
                .permissions()
                .update(new UpdateObjectPermissions()
                        .setRequestObjectType("database-projects")
                        .setRequestObjectId(project)
                        .setAccessControlList(Stream.of(groups)
                                .map(group -> new AccessControlRequest()
                                        .setGroupName(group)
                                        .setPermissionLevel(PermissionLevel.CAN_USE))
                                .toList()));
        try (Connection session = connect(ADMINISTRATOR, project + "/" + Sql.USUAL_DATABASE, "extended");
                var statement = session.createStatement()) {
            statement.execute("CREATE DATABASE " + project);
        }
        // Its catalog comes with the first who signs in.
        connect(ADMINISTRATOR, address(project, PRODUCTION), "extended").close();
    }

    Branch branch(String project, String branch, BranchSpec spec) throws TimeoutException {
        return workspace
                .postgres()
                .createBranch(new CreateBranchRequest()
                        .setParent("projects/" + project)
                        .setBranchId(branch)
                        .setBranch(new Branch().setSpec(spec.setNoExpiry(true))))
                .waitForCompletion();
    }

    /** Runs espalier as the administrator, and answers with what it prints. */
    String command(String... arguments) throws IOException {
        Jvm.Ended ended = new Jvm("cli", Espalier.class, server.home(), List.of(arguments)).run();
        if (ended.exitCode() != 0) {
            throw new AssertionError(ended.err());
        }
        return ended.out();
    }

    /** Says rules. */
    void say(String... statements) throws SQLException {
        try (Connection session = connect(ADMINISTRATOR, "system", "extended");
                var statement = session.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    /** What clients call the project's database on a branch. */
    static String address(String project, String branch) {
        return project + "/" + project + "@" + branch;
    }

    /** A principal's session through the gateway. */
    Connection connect(String principal, String address, String queryMode) throws SQLException {
        return connect(principal, secret(principal), address, queryMode);
    }

    /** The same, with another password than his secret. */
    Connection connect(String principal, String password, String address, String queryMode) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", principal);
        properties.setProperty("password", password);
        properties.setProperty("preferQueryMode", queryMode);
        return DriverManager.getConnection(jdbcUrl(address), properties);
    }

    String jdbcUrl(String address) {
        return "jdbc:postgresql://127.0.0.1:" + port + "/"
                + address.replace("/", "%2F").replace("@", "%40") + "?sslmode=require";
    }

    /** A role's sessions in the project's database on the socket of a branch's endpoint. */
    Sql socket(String project, String branch, String role) {
        String host = workspace
                .postgres()
                .getEndpoint("projects/" + project + "/branches/" + branch + "/endpoints/primary")
                .getStatus()
                .getHosts()
                .getHost();
        return new Sql(host, project, role);
    }

    Sql superuser(String project, String branch) {
        return socket(project, branch, PostgresInstallation.SUPERUSER);
    }

    @Override
    public void close() throws IOException {
        home.close();
    }
}
