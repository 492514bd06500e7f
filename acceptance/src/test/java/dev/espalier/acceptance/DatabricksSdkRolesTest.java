package dev.espalier.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.databricks.sdk.core.error.platform.NotFound;
import com.databricks.sdk.service.postgres.CreateDatabaseRequest;
import com.databricks.sdk.service.postgres.CreateRoleRequest;
import com.databricks.sdk.service.postgres.Database;
import com.databricks.sdk.service.postgres.DatabaseCredential;
import com.databricks.sdk.service.postgres.DatabaseDatabaseSpec;
import com.databricks.sdk.service.postgres.DeleteRoleRequest;
import com.databricks.sdk.service.postgres.GenerateDatabaseCredentialRequest;
import com.databricks.sdk.service.postgres.Role;
import com.databricks.sdk.service.postgres.RoleAttributes;
import com.databricks.sdk.service.postgres.RoleAuthMethod;
import com.databricks.sdk.service.postgres.RoleMembershipRole;
import com.databricks.sdk.service.postgres.RoleRoleSpec;
import com.databricks.sdk.service.postgres.UpdateDatabaseRequest;
import com.databricks.sdk.service.postgres.UpdateRoleRequest;
import com.google.protobuf.Duration;
import com.google.protobuf.FieldMask;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Roles, databases and credentials, by Databricks' SDK, and what is in PostgreSQL, by JDBC. */
@ExtendWith(Shared.class)
class DatabricksSdkRolesTest {

    private final Shop shop;

    DatabricksSdkRolesTest(Shop shop) {
        this.shop = shop;
    }

    @Test
    void aRoleIsMadeChangedAndDroppedInPostgres() throws TimeoutException, SQLException {
        shop.branch("roles");
        Role made = role(
                "roles",
                "app-writer",
                new RoleRoleSpec()
                        .setPostgresRole("app_writer")
                        .setMembershipRoles(List.of(RoleMembershipRole.DATABRICKS_SUPERUSER))
                        .setAttributes(new RoleAttributes().setCreatedb(true)));
        String name = Shop.name("roles") + "/roles/app-writer";
        assertThat(made.getName()).isEqualTo(name);
        assertThat(made.getStatus().getAuthMethod()).isEqualTo(RoleAuthMethod.PG_PASSWORD_SCRAM_SHA_256);
        assertThat(made.getStatus().getMembershipRoles()).containsExactly(RoleMembershipRole.DATABRICKS_SUPERUSER);
        assertThat(shop.api().getRole(name)).isEqualTo(made);
        assertThat(canLogIn("roles", "app_writer")).containsExactly("t");

        Role changed = shop.api()
                .updateRole(new UpdateRoleRequest()
                        .setName(name)
                        .setUpdateMask(FieldMask.newBuilder()
                                .addPaths("spec.auth_method")
                                .addPaths("spec.attributes")
                                .build())
                        .setRole(new Role()
                                .setSpec(new RoleRoleSpec()
                                        .setAuthMethod(RoleAuthMethod.NO_LOGIN)
                                        .setAttributes(new RoleAttributes().setCreatedb(false)))))
                .waitForCompletion();
        assertThat(changed.getStatus().getAttributes().getCreatedb()).isFalse();
        assertThat(canLogIn("roles", "app_writer")).containsExactly("f");

        shop.api().deleteRole(name).waitForCompletion();
        assertThatThrownBy(() -> shop.api().getRole(name)).isInstanceOf(NotFound.class);
        assertThat(canLogIn("roles", "app_writer")).isEmpty();
    }

    @Test
    void aDatabaseBelongsToItsRoleUntilAnotherInheritsIt() throws TimeoutException, SQLException {
        shop.branch("databases");
        Role owner = role("databases", "order-owner", new RoleRoleSpec());
        Role heir = role("databases", "order-heir", new RoleRoleSpec());
        Database made = shop.api()
                .createDatabase(new CreateDatabaseRequest()
                        .setParent(Shop.name("databases"))
                        .setDatabaseId("orders")
                        .setDatabase(new Database()
                                .setSpec(new DatabaseDatabaseSpec()
                                        .setPostgresDatabase("Orders")
                                        .setRole(owner.getName()))))
                .waitForCompletion();
        assertThat(made.getStatus().getPostgresDatabase()).isEqualTo("Orders");
        assertThat(made.getStatus().getRole()).isEqualTo(owner.getName());
        shop.sql("databases", "primary", "Orders", "order-owner").execute("CREATE TABLE item (id int)");
        assertThat(databases("databases")).contains("orders", "databricks-postgres");

        Database renamed = shop.api()
                .updateDatabase(new UpdateDatabaseRequest()
                        .setName(made.getName())
                        .setUpdateMask(FieldMask.newBuilder()
                                .addPaths("spec.postgres_database")
                                .build())
                        .setDatabase(
                                new Database().setSpec(new DatabaseDatabaseSpec().setPostgresDatabase("purchases"))))
                .waitForCompletion();
        assertThat(renamed.getName()).isEqualTo(made.getName());
        assertThat(shop.api().getDatabase(made.getName()).getStatus().getPostgresDatabase())
                .isEqualTo("purchases");

        shop.api()
                .deleteRole(new DeleteRoleRequest().setName(owner.getName()).setReassignOwnedTo(heir.getName()))
                .waitForCompletion();
        assertThat(shop.api().getDatabase(made.getName()).getStatus().getRole()).isEqualTo(heir.getName());
        assertThat(shop.sql("databases", "primary", "purchases", shop.owner())
                        .query("SELECT tableowner FROM pg_tables WHERE tablename = 'item'"))
                .containsExactly("order-heir");

        shop.api().deleteDatabase(made.getName()).waitForCompletion();
        assertThat(databases("databases")).doesNotContain("orders");
    }

    @Test
    void aCredentialLastsAsLongAsItIsAskedFor() {
        DatabaseCredential credential = shop.api()
                .generateDatabaseCredential(new GenerateDatabaseCredentialRequest()
                        .setEndpoint(Shop.PRODUCTION + "/endpoints/primary")
                        .setTtl(Duration.newBuilder().setSeconds(300).build()));

        assertThat(credential.getToken().split("\\.")).hasSize(3);
        assertThat(Instant.ofEpochSecond(credential.getExpireTime().getSeconds()))
                .isBetween(Instant.now().plusSeconds(240), Instant.now().plusSeconds(301));
    }

    private Role role(String branchId, String roleId, RoleRoleSpec spec) throws TimeoutException {
        return shop.api()
                .createRole(new CreateRoleRequest()
                        .setParent(Shop.name(branchId))
                        .setRoleId(roleId)
                        .setRole(new Role().setSpec(spec)))
                .waitForCompletion();
    }

    private List<String> canLogIn(String branchId, String role) throws SQLException {
        return shop.sql(branchId).query("SELECT rolcanlogin FROM pg_roles WHERE rolname = '" + role + "'");
    }

    private List<String> databases(String branchId) {
        return StreamSupport.stream(
                        shop.api().listDatabases(Shop.name(branchId)).spliterator(), false)
                .map(Database::getDatabaseId)
                .toList();
    }
}
