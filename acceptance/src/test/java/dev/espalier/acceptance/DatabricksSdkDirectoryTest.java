package dev.espalier.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.databricks.sdk.WorkspaceClient;
import com.databricks.sdk.core.DatabricksConfig;
import com.databricks.sdk.core.error.platform.InvalidParameterValue;
import com.databricks.sdk.core.error.platform.NotFound;
import com.databricks.sdk.core.error.platform.ResourceConflict;
import com.databricks.sdk.core.error.platform.Unauthenticated;
import com.databricks.sdk.service.iam.AccessControlRequest;
import com.databricks.sdk.service.iam.AccessControlResponse;
import com.databricks.sdk.service.iam.ComplexValue;
import com.databricks.sdk.service.iam.Group;
import com.databricks.sdk.service.iam.ListGroupsRequest;
import com.databricks.sdk.service.iam.ListUsersRequest;
import com.databricks.sdk.service.iam.MeRequest;
import com.databricks.sdk.service.iam.PartialUpdate;
import com.databricks.sdk.service.iam.Patch;
import com.databricks.sdk.service.iam.PatchOp;
import com.databricks.sdk.service.iam.PatchSchema;
import com.databricks.sdk.service.iam.PermissionLevel;
import com.databricks.sdk.service.iam.ServicePrincipal;
import com.databricks.sdk.service.iam.UpdateObjectPermissions;
import com.databricks.sdk.service.iam.User;
import com.databricks.sdk.service.oauth2.CreateServicePrincipalSecretRequest;
import com.databricks.sdk.service.oauth2.CreateServicePrincipalSecretResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Users, groups, service principals, their secrets and their rights, by Databricks' SDK. */
@ExtendWith(Shared.class)
class DatabricksSdkDirectoryTest {

    private final ServerProcess server;
    private final WorkspaceClient workspace;

    /** @param shop makes the project that rights are given on */
    DatabricksSdkDirectoryTest(ServerProcess server, Shop shop) {
        assertThat(shop.owner()).isNotEmpty();
        this.server = server;
        this.workspace = Shop.signIn(server, server.clientSecret());
    }

    @Test
    void aUserIsMadeFoundChangedAndRemoved() {
        User made = workspace
                .users()
                .create(new User().setUserName("Ann@Example.com").setDisplayName("Ann"));
        assertThat(made.getUserName()).isEqualTo("ann@example.com");
        assertThat(workspace.users().get(made.getId())).isEqualTo(made);
        assertThat(users("userName eq \"Ann@example.com\"")).containsExactly(made);
        assertThat(users("displayName eq \"Nobody\"")).isEmpty();
        assertThatThrownBy(() -> users("userName co \"a\""))
                .isInstanceOf(InvalidParameterValue.class)
                .hasMessageContaining("Write ATTRIBUTE eq");
        assertThatThrownBy(() -> workspace.users().create(new User().setUserName("ann@example.com")))
                .isInstanceOf(ResourceConflict.class)
                .hasMessageContaining("already");

        workspace.users().patch(patch(made.getId(), PatchOp.REPLACE, "active", false));
        assertThat(workspace.users().get(made.getId()).getActive()).isFalse();
        workspace
                .users()
                .update(new User()
                        .setId(made.getId())
                        .setUserName("ann@example.com")
                        .setDisplayName("A. Lee"));
        User changed = workspace.users().get(made.getId());
        // Nothing was said of that.
        assertThat(changed.getActive()).isFalse();
        assertThat(changed.getDisplayName()).isEqualTo("A. Lee");

        workspace.users().delete(made.getId());
        assertThatThrownBy(() -> workspace.users().get(made.getId())).isInstanceOf(NotFound.class);
    }

    @Test
    void aGroupHasUsersServicePrincipalsAndGroupsAndNeverItself() {
        User bob = workspace.users().create(new User().setUserName("bob@example.com"));
        ServicePrincipal robot = workspace.servicePrincipals().create(new ServicePrincipal().setDisplayName("robot"));
        Group team = workspace
                .groups()
                .create(new Group()
                        .setDisplayName("team")
                        .setMembers(List.of(new ComplexValue().setValue(bob.getId()))));
        Group company = workspace.groups().create(new Group().setDisplayName("company"));
        workspace
                .groups()
                .patch(patch(
                        company.getId(),
                        PatchOp.ADD,
                        "members",
                        List.of(
                                new ComplexValue().setValue(team.getId()),
                                new ComplexValue().setValue(robot.getId()))));

        Group found = StreamSupport.stream(
                        workspace
                                .groups()
                                .list(new ListGroupsRequest().setFilter("displayName eq \"company\""))
                                .spliterator(),
                        false)
                .findFirst()
                .orElseThrow();
        assertThat(found.getMembers()).extracting(ComplexValue::getDisplay).containsExactly("robot", "team");
        assertThat(workspace.users().get(bob.getId()).getGroups())
                .extracting(ComplexValue::getDisplay)
                .containsExactly("team");
        assertThatThrownBy(() -> workspace
                        .groups()
                        .patch(patch(
                                team.getId(),
                                PatchOp.ADD,
                                "members",
                                List.of(new ComplexValue().setValue(company.getId())))))
                .isInstanceOf(InvalidParameterValue.class)
                .hasMessageContaining("inside itself");

        workspace
                .groups()
                .patch(patch(company.getId(), PatchOp.REMOVE, "members[value eq \"" + robot.getId() + "\"]", null));
        workspace.groups().delete(team.getId());
        assertThat(workspace.groups().get(company.getId()).getMembers()).isNullOrEmpty();
    }

    @Test
    void aServicePrincipalSignsInWithEachOfItsSecretsUntilItIsRevoked() {
        ServicePrincipal made = workspace.servicePrincipals().create(new ServicePrincipal().setDisplayName("nightly"));
        CreateServicePrincipalSecretResponse secret = workspace
                .servicePrincipalSecretsProxy()
                .create(new CreateServicePrincipalSecretRequest()
                        .setServicePrincipalId(made.getId())
                        .setLifetime("3600s"));
        assertThat(secret.getExpireTime()).isNotBlank();
        assertThat(as(made, secret).currentUser().me(new MeRequest()).getDisplayName())
                .isEqualTo("nightly");
        assertThat(workspace.servicePrincipalSecretsProxy().list(made.getId())).hasSize(1);

        workspace.servicePrincipalSecretsProxy().delete(made.getId(), secret.getId());

        assertThat(workspace.servicePrincipalSecretsProxy().list(made.getId())).isEmpty();
        assertThatThrownBy(() -> as(made, secret).currentUser().me(new MeRequest()))
                .isNotNull();
    }

    @Test
    void whoIsRemovedIsOutAtOnce() {
        ServicePrincipal made =
                workspace.servicePrincipals().create(new ServicePrincipal().setDisplayName("short-lived"));
        CreateServicePrincipalSecretResponse secret = workspace
                .servicePrincipalSecretsProxy()
                .create(new CreateServicePrincipalSecretRequest().setServicePrincipalId(made.getId()));
        WorkspaceClient itself = as(made, secret);
        itself.currentUser().me(new MeRequest());

        workspace.servicePrincipals().delete(made.getId());

        assertThatThrownBy(() -> itself.currentUser().me(new MeRequest())).isInstanceOf(Unauthenticated.class);
    }

    @Test
    void aProjectsListTakesUsersGroupsAndServicePrincipals() {
        workspace.users().create(new User().setUserName("carl@example.com"));
        workspace.groups().create(new Group().setDisplayName("readers"));
        ServicePrincipal job =
                workspace.servicePrincipals().create(new ServicePrincipal().setDisplayName("listed-job"));

        List<AccessControlResponse> list = new ArrayList<>(workspace
                .permissions()
                .update(new UpdateObjectPermissions()
                        .setRequestObjectType("database-projects")
                        .setRequestObjectId("shop")
                        .setAccessControlList(List.of(
                                new AccessControlRequest()
                                        .setUserName("carl@example.com")
                                        .setPermissionLevel(PermissionLevel.CAN_USE),
                                new AccessControlRequest()
                                        .setGroupName("readers")
                                        .setPermissionLevel(PermissionLevel.CAN_USE),
                                new AccessControlRequest()
                                        .setServicePrincipalName(job.getApplicationId())
                                        .setPermissionLevel(PermissionLevel.CAN_MANAGE))))
                .getAccessControlList());

        assertThat(list).extracting(AccessControlResponse::getUserName).contains("carl@example.com");
        assertThat(list).extracting(AccessControlResponse::getGroupName).contains("readers");
        assertThat(list)
                .filteredOn(entry -> "listed-job".equals(entry.getServicePrincipalName()))
                .singleElement()
                .satisfies(entry -> assertThat(entry.getAllPermissions())
                        .singleElement()
                        .satisfies(
                                level -> assertThat(level.getPermissionLevel()).isEqualTo(PermissionLevel.CAN_MANAGE)));
        assertThatThrownBy(() -> workspace
                        .permissions()
                        .update(new UpdateObjectPermissions()
                                .setRequestObjectType("database-projects")
                                .setRequestObjectId("shop")
                                .setAccessControlList(List.of(new AccessControlRequest()
                                        .setUserName("readers")
                                        .setPermissionLevel(PermissionLevel.CAN_USE)))))
                .isInstanceOf(NotFound.class)
                .hasMessageContaining("no user \"readers\"");
    }

    private List<User> users(String filter) {
        List<User> found = new ArrayList<>();
        workspace.users().list(new ListUsersRequest().setFilter(filter)).forEach(found::add);
        return found;
    }

    private WorkspaceClient as(ServicePrincipal principal, CreateServicePrincipalSecretResponse secret) {
        return new WorkspaceClient(new DatabricksConfig()
                .setHost(server.url())
                .setAuthType("oauth-m2m")
                .setClientId(principal.getApplicationId())
                .setClientSecret(secret.getSecret()));
    }

    private static PartialUpdate patch(String id, PatchOp op, String path, Object value) {
        return new PartialUpdate()
                .setId(id)
                .setSchemas(List.of(PatchSchema.URN_IETF_PARAMS_SCIM_API_MESSAGES_2_0_PATCH_OP))
                .setOperations(List.of(new Patch().setOp(op).setPath(path).setValue(value)));
    }
}
