package dev.espalier.api.role;

import dev.espalier.control.Role;
import dev.espalier.control.request.ResourceName;
import java.util.List;

/** A role as the API shows it. */
public record RoleResource(String name, String roleId, String parent, Status status) {

    /** What the role is. */
    public record Status(
            String roleId,
            String postgresRole,
            Role.IdentityType identityType,
            Role.AuthMethod authMethod,
            List<String> membershipRoles,
            Role.Attributes attributes) {}

    public static RoleResource of(Role role) {
        ResourceName name = role.name();
        return new RoleResource(
                name.toString(),
                role.roleId(),
                ResourceName.branch(name.project(), name.branch().orElseThrow()).toString(),
                new Status(
                        role.roleId(),
                        role.postgresRole(),
                        role.identityType(),
                        role.authMethod(),
                        role.memberOf(),
                        role.attributes()));
    }
}
