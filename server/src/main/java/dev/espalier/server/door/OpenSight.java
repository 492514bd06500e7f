package dev.espalier.server.door;

import dev.espalier.control.admission.Sight;
import dev.espalier.gateway.Recall;
import dev.espalier.gateway.Refusal;
import dev.espalier.gateway.SessionRules;
import dev.espalier.sql.StatementCache;
import java.util.Optional;

/**
 * How the principal of an open session sees, and what becomes of the session when that changes: tables that have views now are
 * found by their names with the next statement; with another profile, whose views his search path does not have, he connects again.
 */
final class OpenSight {

    private final String role;
    private final Sight begun;
    private final Recall recall = new Recall();
    private final Optional<GovernedRules> rules;

    /**
     * @param pgVersion the server's major version
     * @param lookAgain has {@link #changed} called with how the role sees now; may wait
     */
    OpenSight(
            StatementCache statements,
            String role,
            Sight sight,
            Optional<String> searchPath,
            int pgVersion,
            Runnable lookAgain) {
        this.role = role;
        this.begun = sight;
        this.rules = sight.bound()
                ? Optional.of(new GovernedRules(
                        statements, role, new ViewNames(sight), searchPath, pgVersion >= 17, lookAgain))
                : Optional.empty();
    }

    /** There for whom a policy binds. */
    Optional<SessionRules> rules() {
        return rules.map(bound -> bound);
    }

    Recall recall() {
        return recall;
    }

    /** There is no such principal any more, or no such agent. */
    void removed() {
        recall.call(new Refusal(
                "57P01", "the principal of this session has been removed, or the agent that acts for it", ""));
    }

    /** The rules may have changed. */
    void changed(Sight now) {
        boolean concerned = begun.bound() || now.bound();
        if (concerned && (begun.bound() != now.bound() || !begun.profile().equals(now.profile()))) {
            recall.call(new Refusal(
                    "57P01",
                    "the rules for " + role + " have changed, and this session began under those of before",
                    "Connect again."));
        } else {
            rules.ifPresent(bound -> bound.see(new ViewNames(now)));
        }
    }
}
