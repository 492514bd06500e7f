package dev.espalier.control;

import java.util.List;
import java.util.Optional;

/**
 * What a role is to be.
 *
 * @param memberOf empty where nothing is said: a new one is in no other then, and one that is replaced stays as it is
 * @param attributes what is said of them, in the same way
 */
public record NewRole(
        Optional<String> postgresRole,
        Role.IdentityType identityType,
        Optional<Role.AuthMethod> authMethod,
        Optional<List<String>> memberOf,
        RoleChange.Attributes attributes) {

    /** One of which everything is said. */
    public NewRole(
            Optional<String> postgresRole,
            Role.IdentityType identityType,
            Optional<Role.AuthMethod> authMethod,
            List<String> memberOf,
            Role.Attributes attributes) {
        this(postgresRole, identityType, authMethod, Optional.of(memberOf), RoleChange.Attributes.to(attributes));
    }
}
