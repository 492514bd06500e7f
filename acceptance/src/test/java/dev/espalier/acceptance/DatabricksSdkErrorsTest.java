package dev.espalier.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.databricks.sdk.core.DatabricksError;
import com.databricks.sdk.core.DatabricksException;
import com.databricks.sdk.core.error.platform.AlreadyExists;
import com.databricks.sdk.core.error.platform.BadRequest;
import com.databricks.sdk.core.error.platform.InvalidParameterValue;
import com.databricks.sdk.core.error.platform.NotFound;
import com.databricks.sdk.service.postgres.Branch;
import com.databricks.sdk.service.postgres.BranchSpec;
import com.databricks.sdk.service.postgres.CreateDatabaseRequest;
import com.databricks.sdk.service.postgres.CreateRoleRequest;
import com.databricks.sdk.service.postgres.Database;
import com.databricks.sdk.service.postgres.DatabaseDatabaseSpec;
import com.databricks.sdk.service.postgres.PostgresAPI;
import com.databricks.sdk.service.postgres.Role;
import com.databricks.sdk.service.postgres.RoleRoleSpec;
import com.databricks.sdk.service.postgres.UpdateBranchRequest;
import com.google.protobuf.Duration;
import com.google.protobuf.FieldMask;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What Databricks' SDK makes of refusals. */
@ExtendWith(Shared.class)
class DatabricksSdkErrorsTest {

    private static final BranchSpec FOR_EVER = new BranchSpec().setNoExpiry(true);

    private final Shop shop;
    private final PostgresAPI api;

    DatabricksSdkErrorsTest(Shop shop) {
        this.shop = shop;
        this.api = shop.api();
    }

    @Test
    void aSecondBranchOfTheSameIdAlreadyExists() throws TimeoutException {
        shop.branch("once");

        assertThatThrownBy(() -> shop.branch("once"))
                .isInstanceOf(AlreadyExists.class)
                .hasMessageContaining("once");
    }

    @Test
    void aSecondRoleOrDatabaseOfTheSameIdIsABadRequest() throws TimeoutException {
        shop.branch("double");
        CreateRoleRequest role = new CreateRoleRequest()
                .setParent(Shop.name("double"))
                .setRoleId("reader")
                .setRole(new Role().setSpec(new RoleRoleSpec()));
        Role reader = api.createRole(role).waitForCompletion();
        CreateDatabaseRequest database = new CreateDatabaseRequest()
                .setParent(Shop.name("double"))
                .setDatabaseId("library")
                .setDatabase(new Database().setSpec(new DatabaseDatabaseSpec().setRole(reader.getName())));
        api.createDatabase(database).waitForCompletion();

        assertThatThrownBy(() -> api.createRole(role)).isExactlyInstanceOf(BadRequest.class);
        assertThatThrownBy(() -> api.createDatabase(database)).isExactlyInstanceOf(BadRequest.class);
    }

    @Test
    void aProtectedBranchIsNotDeletedUntilItIsNoLongerProtected() throws TimeoutException {
        Branch made = shop.branch("guarded", new BranchSpec().setNoExpiry(true).setIsProtected(true));
        assertThat(made.getStatus().getIsProtected()).isTrue();

        assertThatThrownBy(() -> api.deleteBranch(Shop.name("guarded")))
                .isInstanceOf(BadRequest.class)
                .hasMessageContaining("protected");

        update("guarded", "spec.is_protected", new BranchSpec().setIsProtected(false))
                .waitForCompletion();
        api.deleteBranch(Shop.name("guarded")).waitForCompletion();
    }

    @Test
    void whatCameWithItsParentGoesOnlyWithItsParent() {
        assertManagedByParent(catchThrowableOfType(BadRequest.class, () -> api.deleteBranch(Shop.PRODUCTION)));
        assertManagedByParent(catchThrowableOfType(
                BadRequest.class, () -> api.deleteEndpoint(Shop.PRODUCTION + "/endpoints/primary")));
    }

    private static void assertManagedByParent(DatabricksError refusal) {
        var info = refusal.getErrorDetails().errorInfo().orElseThrow();
        assertThat(info.reason()).isEqualTo("RESOURCE_CONFLICT");
        assertThat(info.metadata()).containsEntry("declarative_context", "MANAGED_BY_PARENT");
        assertThat(refusal.getErrorDetails().requestInfo().orElseThrow().requestId())
                .isNotEmpty();
    }

    @Test
    void whatDoesNotExistIsNotFound() {
        assertThatThrownBy(() -> api.getProject("projects/nowhere")).isInstanceOf(NotFound.class);
        assertThatThrownBy(() -> api.getBranch(Shop.name("nowhere"))).isInstanceOf(NotFound.class);
        assertThatThrownBy(() -> api.getEndpoint(Shop.PRODUCTION + "/endpoints/nowhere"))
                .isInstanceOf(NotFound.class);
        assertThatThrownBy(() -> api.getRole(Shop.PRODUCTION + "/roles/nowhere"))
                .isInstanceOf(NotFound.class);
        assertThatThrownBy(() -> api.getDatabase(Shop.PRODUCTION + "/databases/nowhere"))
                .isInstanceOf(NotFound.class);
        assertThatThrownBy(() -> api.getOperation(Shop.NAME + "/operations/00000000-0000-0000-0000-000000000000"))
                .isInstanceOf(NotFound.class);
        assertThatThrownBy(() ->
                        shop.branch("child", new BranchSpec().setNoExpiry(true).setSourceBranch(Shop.name("gone"))))
                .isInstanceOf(NotFound.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Upper", "1st", "under_score", "-dash", "ä", "a b", "a/b"})
    void anIdOfOtherLettersIsAnInvalidValue(String id) {
        assertThatThrownBy(() -> shop.branch(id)).isInstanceOf(InvalidParameterValue.class);
    }

    @Test
    void aMaskWithAnUnknownFieldIsAnInvalidValue() {
        assertThatThrownBy(() -> update("production", "spec.colour", FOR_EVER))
                .isInstanceOf(InvalidParameterValue.class)
                .hasMessageContaining("spec.colour")
                .hasMessageContaining("spec.is_protected");
    }

    @Test
    void anExpiryMustBeGivenOnceAndWithinThirtyDays() {
        Duration tooLong = Duration.newBuilder().setSeconds(31 * 86_400).build();

        assertThatThrownBy(() -> shop.branch("when", new BranchSpec())).isInstanceOf(InvalidParameterValue.class);
        assertThatThrownBy(() ->
                        shop.branch("when", new BranchSpec().setNoExpiry(true).setTtl(tooLong)))
                .isInstanceOf(InvalidParameterValue.class);
        assertThatThrownBy(() -> shop.branch("when", new BranchSpec().setTtl(tooLong)))
                .isInstanceOf(InvalidParameterValue.class)
                .hasMessageContaining("30 days");
    }

    @Test
    void aWrongSecretIsRefusedWithItsReason(ServerProcess server) {
        assertThatThrownBy(() ->
                        Shop.signIn(server, "dose-of-guesswork").postgres().getProject(Shop.NAME))
                .isInstanceOf(DatabricksException.class)
                .hasStackTraceContaining("invalid_client");
    }

    private com.databricks.sdk.service.postgres.UpdateBranchOperation update(
            String branchId, String mask, BranchSpec spec) {
        return api.updateBranch(new UpdateBranchRequest()
                .setName(Shop.name(branchId))
                .setUpdateMask(FieldMask.newBuilder().addPaths(mask).build())
                .setBranch(new Branch().setSpec(spec)));
    }
}
