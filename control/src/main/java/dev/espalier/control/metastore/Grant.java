package dev.espalier.control.metastore;

import java.util.Set;

/**
 * A privilege that was given.
 *
 * @param principal name of a user, a service principal or a group
 * @param notOn numbers of the tables that it is not on: they had the name before, and did no more when it was given
 */
public record Grant(Securable on, String principal, Privilege privilege, Set<Long> notOn) {

    public Grant {
        notOn = Set.copyOf(notOn);
    }

    /** On whatever has the name or had it. */
    public Grant(Securable on, String principal, Privilege privilege) {
        this(on, principal, privilege, Set.of());
    }
}
