package dev.espalier.control;

import java.util.Optional;
import org.jdbi.v3.core.Handle;

/**
 * Whose a role on a branch is. Names are given anew: whoever gets one is not who had it before.
 *
 * @param principal uid of the principal
 * @param agent id of the agent that acts for him, where that has a role of its own
 */
public record RoleOwner(String principal, Optional<Long> agent) {

    /** The principal that the name is now, if there is one. */
    static Optional<RoleOwner> named(Handle handle, String name) {
        return Principals.named(handle, name)
                .filter(principal -> principal.name().equals(name))
                .map(principal -> new RoleOwner(principal.id(), Optional.empty()));
    }

    /** What nobody else is ever called. */
    String id() {
        return principal + agent.map(id -> "/" + id).orElse("");
    }
}
