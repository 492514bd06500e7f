package dev.espalier.control;

import java.util.Optional;

/**
 * Whose a role on a branch is. Names are given anew: whoever gets one is not who had it before.
 *
 * @param principal uid of the principal
 * @param agent id of the agent that acts for him, where that has a role of its own
 */
public record RoleOwner(String principal, Optional<Long> agent) {

    /** What nobody else is ever called. */
    String id() {
        return principal + agent.map(id -> "/" + id).orElse("");
    }
}
