package dev.espalier.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.databricks.sdk.WorkspaceClient;
import com.databricks.sdk.core.DatabricksConfig;
import com.databricks.sdk.core.DatabricksError;
import com.databricks.sdk.core.error.platform.AlreadyExists;
import com.databricks.sdk.core.error.platform.BadRequest;
import com.databricks.sdk.core.error.platform.NotFound;
import com.databricks.sdk.service.postgres.Branch;
import com.databricks.sdk.service.postgres.BranchSpec;
import com.databricks.sdk.service.postgres.BranchStatusState;
import com.databricks.sdk.service.postgres.CreateBranchRequest;
import com.databricks.sdk.service.postgres.CreateDatabaseRequest;
import com.databricks.sdk.service.postgres.CreateEndpointRequest;
import com.databricks.sdk.service.postgres.CreateProjectRequest;
import com.databricks.sdk.service.postgres.CreateRoleRequest;
import com.databricks.sdk.service.postgres.Database;
import com.databricks.sdk.service.postgres.DatabaseDatabaseSpec;
import com.databricks.sdk.service.postgres.DeleteBranchRequest;
import com.databricks.sdk.service.postgres.Endpoint;
import com.databricks.sdk.service.postgres.EndpointSpec;
import com.databricks.sdk.service.postgres.EndpointStatusState;
import com.databricks.sdk.service.postgres.EndpointType;
import com.databricks.sdk.service.postgres.GenerateDatabaseCredentialRequest;
import com.databricks.sdk.service.postgres.ListBranchesRequest;
import com.databricks.sdk.service.postgres.PostgresAPI;
import com.databricks.sdk.service.postgres.Project;
import com.databricks.sdk.service.postgres.ProjectSpec;
import com.databricks.sdk.service.postgres.Role;
import com.databricks.sdk.service.postgres.RoleMembershipRole;
import com.databricks.sdk.service.postgres.RoleRoleSpec;
import com.databricks.sdk.service.postgres.UndeleteBranchRequest;
import com.databricks.sdk.service.postgres.UpdateBranchRequest;
import com.google.protobuf.Duration;
import com.google.protobuf.FieldMask;
import com.google.protobuf.util.Timestamps;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;

/** Databricks' own client for Java, against a started server. */
class DatabricksSdkTest {

    private static final String PROJECT = "projects/sdk";
    private static final String PRODUCTION = PROJECT + "/branches/production";

    private static StartedServer server;
    private static PostgresAPI api;

    @BeforeAll
    static void start() throws Exception {
        server = StartedServer.start(StartedServer.newHome());
        api = client(server.credential("client_secret")).postgres();
        Project project = api.createProject(new CreateProjectRequest()
                        .setProjectId("sdk")
                        .setProject(new Project().setSpec(new ProjectSpec().setDisplayName("The SDK's"))))
                .waitForCompletion();
        assertThat(project.getName()).isEqualTo(PROJECT);
        assertThat(project.getStatus().getDisplayName()).isEqualTo("The SDK's");
        execute("production", "CREATE TABLE t AS SELECT 1 AS v");
    }

    @AfterAll
    static void stop() throws Exception {
        if (server != null) {
            server.close();
            StartedServer.remove(server.home());
        }
    }

    private static WorkspaceClient client(String secret) throws Exception {
        return new WorkspaceClient(new DatabricksConfig()
                .setHost(server.url().toString())
                .setClientId(server.credential("client_id"))
                .setClientSecret(secret)
                .setAuthType("oauth-m2m"));
    }

    private static Branch create(String id, BranchSpec spec) throws Exception {
        return api.createBranch(new CreateBranchRequest()
                        .setParent(PROJECT)
                        .setBranchId(id)
                        .setBranch(new Branch().setSpec(spec)))
                .waitForCompletion();
    }

    private static BranchSpec forAnHour() {
        return new BranchSpec().setTtl(Duration.newBuilder().setSeconds(3600).build());
    }

    private static Connection connect(String branch) throws SQLException {
        String host = api.getEndpoint(PROJECT + "/branches/" + branch + "/endpoints/primary")
                .getStatus()
                .getHosts()
                .getHost();
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setServerNames(new String[] {"localhost"});
        source.setDatabaseName("databricks_postgres");
        source.setUser("administrator");
        source.setSslMode("disable");
        source.setSocketFactory("org.newsclub.net.unix.AFUNIXSocketFactory$FactoryArg");
        source.setSocketFactoryArg(Path.of(host, ".s.PGSQL.5432").toString());
        return source.getConnection();
    }

    private static void execute(String branch, String sql) throws SQLException {
        try (Connection session = connect(branch);
                var statement = session.createStatement()) {
            statement.execute(sql);
        }
    }

    private static String query(String branch, String sql) throws SQLException {
        try (Connection session = connect(branch);
                var statement = session.createStatement();
                var rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getString(1);
        }
    }

    private static List<String> branches(boolean deleted) {
        List<String> names = new ArrayList<>();
        api.listBranches(new ListBranchesRequest()
                        .setParent(PROJECT)
                        .setPageSize(2L)
                        .setShowDeleted(deleted))
                .forEach(branch -> names.add(branch.getName()));
        return names;
    }

    @Test
    void aProjectBeginsWithProductionItsPrimaryEndpointAndADatabase() {
        assertThat(api.getBranch(PRODUCTION).getStatus().getDefault()).isTrue();
        assertThat(api.getEndpoint(PRODUCTION + "/endpoints/primary")
                        .getStatus()
                        .getEndpointType())
                .isEqualTo(EndpointType.ENDPOINT_TYPE_READ_WRITE);
        assertThat(api.getDatabase(PRODUCTION + "/databases/databricks-postgres")
                        .getStatus()
                        .getPostgresDatabase())
                .isEqualTo("databricks_postgres");
    }

    @Test
    void aBranchWithATimeToLiveHasItsSourcesDataAndAnExpiry() throws Exception {
        Branch branch = create("with-ttl", forAnHour());
        assertThat(branch.getStatus().getCurrentState()).isEqualTo(BranchStatusState.READY);
        assertThat(branch.getStatus().getSourceBranch()).isEqualTo(PRODUCTION);
        assertThat(Timestamps.toMillis(branch.getStatus().getExpireTime()))
                .isBetween(
                        Instant.now().plusSeconds(3400).toEpochMilli(),
                        Instant.now().plusSeconds(3700).toEpochMilli());
        assertThat(query("with-ttl", "SELECT count(*) FROM t")).isEqualTo("1");
    }

    @Test
    void aBranchFromATimeHasTheStateOfThatTime() throws Exception {
        create("timed", forAnHour());
        Instant moment = Instant.parse(query("timed", "SELECT to_json(clock_timestamp())#>>'{}'"));
        execute("timed", "DROP TABLE t");
        BranchSpec past = forAnHour()
                .setSourceBranch(PROJECT + "/branches/timed")
                .setSourceBranchTime(Timestamps.fromMillis(moment.toEpochMilli() + 1));
        assertThatThrownBy(() -> create(
                        "before-all-time",
                        forAnHour()
                                .setSourceBranch(PROJECT + "/branches/timed")
                                .setSourceBranchTime(Timestamps.fromMillis(0))))
                .isInstanceOf(DatabricksError.class)
                .hasMessageContaining("outside the history");
        create("from-time", past);
        assertThat(query("from-time", "SELECT count(*) FROM t")).isEqualTo("1");
    }

    @Test
    void aDeletedBranchIsListedOnlyOnRequestAndComesBack() throws Exception {
        create("come-back", forAnHour());
        String name = PROJECT + "/branches/come-back";
        api.deleteBranch(name).waitForCompletion();
        assertThat(branches(false)).doesNotContain(name);
        assertThat(branches(true)).contains(name);
        api.undeleteBranch(new UndeleteBranchRequest().setName(name)).waitForCompletion();
        assertThat(api.getBranch(name).getStatus().getCurrentState()).isEqualTo(BranchStatusState.READY);
        api.deleteBranch(new DeleteBranchRequest().setName(name).setPurge(true)).waitForCompletion();
        assertThat(branches(true)).doesNotContain(name);
    }

    @Test
    void aProtectedBranchCannotBeDeletedUntilItsProtectionIsTaken() throws Exception {
        create("kept", new BranchSpec().setNoExpiry(true).setIsProtected(true));
        String name = PROJECT + "/branches/kept";
        assertThatThrownBy(() -> api.deleteBranch(name).waitForCompletion())
                .isInstanceOf(BadRequest.class)
                .hasMessageContaining("protected");
        api.updateBranch(new UpdateBranchRequest()
                        .setName(name)
                        .setBranch(new Branch().setSpec(new BranchSpec().setIsProtected(false)))
                        .setUpdateMask(FieldMask.newBuilder()
                                .addPaths("spec.is_protected")
                                .build()))
                .waitForCompletion();
        api.deleteBranch(name).waitForCompletion();
    }

    @Test
    void whatExistsIsNotMadeTwice() throws Exception {
        create("twice", forAnHour());
        assertThatThrownBy(() -> create("twice", forAnHour())).isInstanceOf(AlreadyExists.class);
        assertThatThrownBy(() -> api.createProject(new CreateProjectRequest()
                        .setProjectId("sdk")
                        .setProject(new Project().setSpec(new ProjectSpec()))))
                .isInstanceOf(AlreadyExists.class);
    }

    @Test
    void implicitChildrenGoOnlyWithTheirParent() {
        assertThatThrownBy(() -> api.deleteBranch(PRODUCTION))
                .isInstanceOf(BadRequest.class)
                .hasMessageContaining("default branch");
        assertThatThrownBy(() -> api.deleteEndpoint(PRODUCTION + "/endpoints/primary"))
                .isInstanceOf(BadRequest.class)
                .hasMessageContaining("read-write endpoint");
    }

    @Test
    void whatIsNotThereIsNotFoundAndWhatIsWrongIsSaid() {
        assertThatThrownBy(() -> api.getBranch(PROJECT + "/branches/none")).isInstanceOf(NotFound.class);
        assertThatThrownBy(() -> api.getProject("projects/none")).isInstanceOf(NotFound.class);
        assertThatThrownBy(() -> create("Wrong_Id", forAnHour()))
                .isInstanceOf(BadRequest.class)
                .hasMessageContaining("lower-case");
        assertThatThrownBy(() -> create("no-expiry-said", new BranchSpec())).isInstanceOf(BadRequest.class);
    }

    @Test
    void aReadOnlyEndpointFollowsItsBranch() throws Exception {
        create("replicated", forAnHour());
        String parent = PROJECT + "/branches/replicated";
        Endpoint replica = api.createEndpoint(new CreateEndpointRequest()
                        .setParent(parent)
                        .setEndpointId("reader")
                        .setEndpoint(new Endpoint()
                                .setSpec(new EndpointSpec().setEndpointType(EndpointType.ENDPOINT_TYPE_READ_ONLY))))
                .waitForCompletion();
        assertThat(replica.getStatus().getCurrentState()).isEqualTo(EndpointStatusState.ACTIVE);
        api.deleteEndpoint(parent + "/endpoints/reader").waitForCompletion();
        List<String> left = new ArrayList<>();
        api.listEndpoints(parent).forEach(endpoint -> left.add(endpoint.getEndpointId()));
        assertThat(left).containsExactly("primary");
    }

    @Test
    void rolesAndDatabasesAreMadeOnABranchAlone() throws Exception {
        create("with-roles", forAnHour());
        String parent = PROJECT + "/branches/with-roles";
        Role role = api.createRole(new CreateRoleRequest()
                        .setParent(parent)
                        .setRoleId("reporter")
                        .setRole(new Role()
                                .setSpec(new RoleRoleSpec()
                                        .setPostgresRole("reporter")
                                        .setMembershipRoles(List.of(RoleMembershipRole.DATABRICKS_SUPERUSER)))))
                .waitForCompletion();
        assertThat(role.getStatus().getPostgresRole()).isEqualTo("reporter");
        Database database = api.createDatabase(new CreateDatabaseRequest()
                        .setParent(parent)
                        .setDatabaseId("reports")
                        .setDatabase(new Database()
                                .setSpec(new DatabaseDatabaseSpec()
                                        .setPostgresDatabase("reports")
                                        .setRole(parent + "/roles/reporter"))))
                .waitForCompletion();
        assertThat(database.getStatus().getRole()).isEqualTo(parent + "/roles/reporter");
        assertThatThrownBy(() -> api.createDatabase(new CreateDatabaseRequest()
                                .setParent(parent)
                                .setDatabaseId("reports")
                                .setDatabase(new Database()
                                        .setSpec(new DatabaseDatabaseSpec()
                                                .setPostgresDatabase("reports")
                                                .setRole(parent + "/roles/reporter"))))
                        .waitForCompletion())
                .isInstanceOf(BadRequest.class);
        List<String> elsewhere = new ArrayList<>();
        api.listRoles(PRODUCTION).forEach(other -> elsewhere.add(other.getRoleId()));
        assertThat(elsewhere).doesNotContain("reporter");
        api.deleteDatabase(parent + "/databases/reports").waitForCompletion();
        api.deleteRole(parent + "/roles/reporter").waitForCompletion();
    }

    @Test
    void aCredentialIsForOneEndpointAndForAWhile() {
        var credential = api.generateDatabaseCredential(
                new GenerateDatabaseCredentialRequest().setEndpoint(PRODUCTION + "/endpoints/primary"));
        assertThat(credential.getToken().split("\\.")).hasSize(3);
        assertThat(Timestamps.toMillis(credential.getExpireTime())).isGreaterThan(System.currentTimeMillis());
    }

    @Test
    void aWrongSecretOpensNothing() throws Exception {
        PostgresAPI stranger = client("esp_wrong").postgres();
        assertThatThrownBy(() -> stranger.getProject(PROJECT)).isInstanceOf(RuntimeException.class);
    }
}
