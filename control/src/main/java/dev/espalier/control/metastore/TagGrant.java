package dev.espalier.control.metastore;

import dev.espalier.identity.PrincipalKind;

/**
 * A privilege on a governed tag.
 *
 * @param principal a name, or {@link Subject#EVERYONE}
 * @param id a service principal's client id; of others what the directory knows them by
 */
public record TagGrant(TagPrivilege privilege, String principal, PrincipalKind kind, String id) {}
