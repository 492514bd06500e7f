package dev.espalier.identity;

import dev.espalier.identity.Verdict.Accepted;
import dev.espalier.identity.Verdict.Reason;
import dev.espalier.identity.Verdict.Refused;
import java.util.Optional;

/** The last question of every sign-in: whether there is such a principal still, and he may sign in. */
final class Admission {

    private Admission() {}

    /** @param shown what named him, for the refusal */
    static Verdict<Principal> of(Optional<Principal> found, String shown) {
        if (found.isEmpty()) {
            return new Refused<>(
                    Reason.UNKNOWN_PRINCIPAL,
                    "there is no principal " + shown + " (any more). An administrator makes one.");
        }
        Principal principal = found.get();
        return principal.active()
                ? new Accepted<>(principal)
                : new Refused<>(
                        Reason.INACTIVE_PRINCIPAL,
                        principal.name() + " is deactivated. An administrator can make it active again.");
    }
}
