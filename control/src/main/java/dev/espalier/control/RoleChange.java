package dev.espalier.control;

import java.util.List;
import java.util.Optional;

/** What is to change of a role; what is empty stays. */
public record RoleChange(
        Optional<String> postgresRole,
        Optional<Role.AuthMethod> authMethod,
        Optional<List<String>> memberOf,
        Optional<Role.Attributes> attributes) {}
