package dev.espalier.control;

import java.util.List;
import java.util.Optional;

/** What a role is to be. */
public record NewRole(
        Optional<String> postgresRole,
        Role.IdentityType identityType,
        Optional<Role.AuthMethod> authMethod,
        List<String> memberOf,
        Role.Attributes attributes) {}
