package dev.espalier.control.metastore;

/**
 * A privilege that was given.
 *
 * @param principal name of a user, a service principal or a group
 */
public record Grant(Securable on, String principal, Privilege privilege) {}
