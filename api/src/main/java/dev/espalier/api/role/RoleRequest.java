package dev.espalier.api.role;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.espalier.api.wire.Fixed;
import dev.espalier.api.wire.UpdateMask;
import dev.espalier.api.wire.Wire;
import dev.espalier.control.NewRole;
import dev.espalier.control.Role;
import dev.espalier.control.RoleChange;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A role as a client sends it. */
public record RoleRequest(Optional<Spec> spec) {

    private static final String POSTGRES_ROLE = "spec.postgres_role";
    private static final String AUTH_METHOD = "spec.auth_method";
    private static final String MEMBERSHIP_ROLES = "spec.membership_roles";
    private static final String ATTRIBUTES = "spec.attributes";
    private static final String CREATEDB = ATTRIBUTES + ".createdb";
    private static final String CREATEROLE = ATTRIBUTES + ".createrole";
    private static final String BYPASSRLS = ATTRIBUTES + ".bypassrls";

    static final UpdateMask.Fields FIELDS = new UpdateMask.Fields(
            List.of(POSTGRES_ROLE, AUTH_METHOD, MEMBERSHIP_ROLES, ATTRIBUTES, CREATEDB, CREATEROLE, BYPASSRLS),
            Map.of());

    /** What the role is to be. */
    public record Spec(
            @JsonPropertyDescription("Its name in PostgreSQL; the id where not given.")
            Optional<String> postgresRole,

            @JsonPropertyDescription("Whom it stands for; cannot be changed.")
            Optional<Role.IdentityType> identityType,

            @JsonPropertyDescription("How it signs in.") Optional<Role.AuthMethod> authMethod,

            @JsonPropertyDescription("Roles it is a member of: DATABRICKS_SUPERUSER, or names of roles of the branch.")
            Optional<List<String>> membershipRoles,

            Optional<Attributes> attributes) {}

    /** Attributes in PostgreSQL. */
    public record Attributes(Optional<Boolean> createdb, Optional<Boolean> createrole, Optional<Boolean> bypassrls) {

        private RoleChange.Attributes change() {
            return new RoleChange.Attributes(createdb, createrole, bypassrls);
        }

        private RoleChange.Attributes within(UpdateMask mask) {
            return new RoleChange.Attributes(
                    mask.value(CREATEDB, createdb, false),
                    mask.value(CREATEROLE, createrole, false),
                    mask.value(BYPASSRLS, bypassrls, false));
        }
    }

    NewRole toNew() {
        Spec wanted = given();
        return new NewRole(
                wanted.postgresRole(),
                wanted.identityType().orElse(Role.IdentityType.IDENTITY_TYPE_UNSPECIFIED),
                wanted.authMethod(),
                wanted.membershipRoles(),
                attributes(wanted).change());
    }

    RoleChange toChange(UpdateMask mask, Role now) {
        Spec wanted = given();
        Fixed.check("spec.identity_type", wanted.identityType(), Optional.of(now.identityType()));
        return new RoleChange(
                mask.value(POSTGRES_ROLE, wanted.postgresRole()),
                mask.value(AUTH_METHOD, wanted.authMethod()),
                mask.value(MEMBERSHIP_ROLES, wanted.membershipRoles(), List.of()),
                attributes(wanted).within(mask));
    }

    /** The name in PostgreSQL that is asked for. */
    Optional<String> postgresRole() {
        return given().postgresRole();
    }

    private static Attributes attributes(Spec wanted) {
        return wanted.attributes().orElseGet(() -> Wire.empty(Attributes.class));
    }

    private Spec given() {
        return spec.orElseGet(() -> Wire.empty(Spec.class));
    }
}
