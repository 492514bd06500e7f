package dev.espalier.api.role;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.api.Json;
import dev.espalier.api.wire.UpdateMask;
import dev.espalier.control.NewRole;
import dev.espalier.control.Role;
import dev.espalier.control.RoleChange;
import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.ResourceId;
import dev.espalier.control.request.ResourceName;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;

class RoleRequestTest {

    private static final Role NOW = new Role(
            ResourceName.below("shop", "dev", "roles", "app-writer"),
            "app-writer",
            "app_writer",
            Role.IdentityType.IDENTITY_TYPE_UNSPECIFIED,
            Role.AuthMethod.PG_PASSWORD_SCRAM_SHA_256,
            List.of("DATABRICKS_SUPERUSER"),
            new Role.Attributes(true, false, false));

    @Test
    void aRoleIsMadeFromWhatIsGiven() {
        assertThat(Json.request("""
                        {"spec": {"postgres_role": "anna@example.org", "identity_type": "USER", "auth_method": "NO_LOGIN",
                                  "membership_roles": ["DATABRICKS_SUPERUSER"], "attributes": {"createdb": true}}}""", RoleRequest.class).toNew())
                .isEqualTo(new NewRole(
                        Optional.of("anna@example.org"),
                        Role.IdentityType.USER,
                        Optional.of(Role.AuthMethod.NO_LOGIN),
                        Optional.of(List.of("DATABRICKS_SUPERUSER")),
                        new RoleChange.Attributes(Optional.of(true), Optional.empty(), Optional.empty())));
    }

    @Test
    void whatIsNotGivenIsAPlainRole() {
        assertThat(Json.request("{}", RoleRequest.class).toNew())
                .isEqualTo(new NewRole(
                        Optional.empty(),
                        Role.IdentityType.IDENTITY_TYPE_UNSPECIFIED,
                        Optional.empty(),
                        Optional.empty(),
                        RoleChange.Attributes.NONE));
    }

    @Test
    void oneAttributeChangesAndTheOthersStay() {
        String body = "{\"spec\": {\"attributes\": {\"createrole\": true}}}";

        assertThat(attributes(change(body, "spec.attributes"))).isEqualTo(new Role.Attributes(true, true, false));
        assertThat(attributes(change(body, "spec.attributes.createrole")))
                .isEqualTo(new Role.Attributes(true, true, false));
        assertThat(attributes(change("{}", "spec.attributes.createdb")))
                .isEqualTo(new Role.Attributes(false, false, false));
        assertThat(change(body, "spec.auth_method,spec.postgres_role", "NO_LOGIN")
                        .attributes())
                .isEqualTo(RoleChange.Attributes.NONE);
    }

    @Test
    void membershipsAreReplacedOrCleared() {
        assertThat(change("{\"spec\": {\"membership_roles\": [\"readers\"]}}", "*")
                        .memberOf())
                .contains(List.of("readers"));
        assertThat(change("{}", "spec.membership_roles").memberOf()).contains(List.of());
    }

    @Test
    void whomItStandsForCannotBeChanged() {
        assertThatThrownBy(() -> change("{\"spec\": {\"identity_type\": \"GROUP\"}}", "*"))
                .isInstanceOf(ControlException.class)
                .hasMessageContaining("spec.identity_type cannot be changed");
    }

    @ParameterizedTest
    @CsvFileSource(resources = "/resource-ids.csv")
    void anIdIsMadeFromTheNameInPostgresql(String name, String id) {
        assertThat(ResourceId.from(name)).isEqualTo(id);
    }

    @Test
    void anAnswerHasStatusAndNoSpec() {
        assertThat(Json.answer(RoleResource.of(NOW))).isEqualTo(Json.tree("""
                {"name": "projects/shop/branches/dev/roles/app-writer", "role_id": "app-writer",
                 "parent": "projects/shop/branches/dev",
                 "status": {"role_id": "app-writer", "postgres_role": "app_writer",
                            "identity_type": "IDENTITY_TYPE_UNSPECIFIED", "auth_method": "PG_PASSWORD_SCRAM_SHA_256",
                            "membership_roles": ["DATABRICKS_SUPERUSER"],
                            "attributes": {"createdb": true, "createrole": false, "bypassrls": false}}}"""));
    }

    private static Role.Attributes attributes(RoleChange change) {
        return change.attributes().over(NOW.attributes());
    }

    private static RoleChange change(String body, String mask) {
        return Json.request(body, RoleRequest.class)
                .toChange(UpdateMask.parse(Optional.of(mask), RoleRequest.FIELDS), NOW);
    }

    private static RoleChange change(String attributes, String mask, String authMethod) {
        String body = attributes.replace(
                "\"spec\": {", "\"spec\": {\"auth_method\": \"" + authMethod + "\", \"postgres_role\": \"x\", ");
        return change(body, mask);
    }
}
