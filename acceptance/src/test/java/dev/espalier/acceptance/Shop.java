package dev.espalier.acceptance;

import com.databricks.sdk.WorkspaceClient;
import com.databricks.sdk.core.DatabricksConfig;
import com.databricks.sdk.service.postgres.Branch;
import com.databricks.sdk.service.postgres.BranchSpec;
import com.databricks.sdk.service.postgres.CreateBranchRequest;
import com.databricks.sdk.service.postgres.CreateProjectRequest;
import com.databricks.sdk.service.postgres.PostgresAPI;
import com.databricks.sdk.service.postgres.Project;
import com.databricks.sdk.service.postgres.Role;
import com.databricks.sdk.service.postgres.RoleMembershipRole;
import java.util.concurrent.TimeoutException;
import java.util.stream.StreamSupport;

/**
 * A project that many tests share, each with branches of its own, and the SDK to work on it.
 *
 * @param owner PostgreSQL's name for the role of the one who has made it
 */
record Shop(PostgresAPI api, String owner) {

    static final String NAME = "projects/shop";
    static final String PRODUCTION = NAME + "/branches/production";

    /** Makes the project. */
    static Shop open(ServerProcess server) throws TimeoutException {
        signIn(server, server.clientSecret())
                .postgres()
                .createProject(new CreateProjectRequest().setProjectId("shop").setProject(new Project()))
                .waitForCompletion();
        return of(server);
    }

    /** The project, which must be there. */
    static Shop of(ServerProcess server) {
        PostgresAPI api = signIn(server, server.clientSecret()).postgres();
        String owner = StreamSupport.stream(api.listRoles(PRODUCTION).spliterator(), false)
                .map(Role::getStatus)
                .filter(role -> role.getMembershipRoles() != null
                        && role.getMembershipRoles().contains(RoleMembershipRole.DATABRICKS_SUPERUSER))
                .findFirst()
                .orElseThrow()
                .getPostgresRole();
        return new Shop(api, owner);
    }

    static WorkspaceClient signIn(ServerProcess server, String secret) {
        return new WorkspaceClient(new DatabricksConfig()
                .setHost(server.url())
                .setAuthType("oauth-m2m")
                .setClientId(server.clientId())
                .setClientSecret(secret));
    }

    static String name(String branchId) {
        return NAME + "/branches/" + branchId;
    }

    /** A branch of the default branch, without an end. */
    Branch branch(String branchId) throws TimeoutException {
        return branch(branchId, new BranchSpec().setNoExpiry(true));
    }

    Branch branch(String branchId, BranchSpec spec) throws TimeoutException {
        return api.createBranch(request(branchId, spec)).waitForCompletion();
    }

    static CreateBranchRequest request(String branchId, BranchSpec spec) {
        return new CreateBranchRequest().setParent(NAME).setBranchId(branchId).setBranch(new Branch().setSpec(spec));
    }

    /** The owner's sessions in the usual database of the branch. */
    Sql sql(String branchId) {
        return sql(branchId, "primary");
    }

    Sql sql(String branchId, String endpointId) {
        return sql(branchId, endpointId, Sql.USUAL_DATABASE, owner);
    }

    Sql sql(String branchId, String endpointId, String database, String role) {
        String host = api.getEndpoint(name(branchId) + "/endpoints/" + endpointId)
                .getStatus()
                .getHosts()
                .getHost();
        return new Sql(host, database, role);
    }
}
