package dev.espalier.control;

import java.util.List;

/**
 * What counts as use of an endpoint, so that an application that only polls does not keep it awake for ever.
 *
 * @param counts what of a session counts
 * @param ignoreApplications patterns of application names whose sessions never count; {@code *} stands for any text
 * @param ignoreRoles patterns of roles whose sessions never count
 */
public record ActivityPolicy(Counts counts, List<String> ignoreApplications, List<String> ignoreRoles) {

    /** What of a session counts as use. */
    public enum Counts {
        /** That it is there. */
        CONNECTIONS,
        /** That it has run a statement or is inside a transaction. */
        STATEMENTS,
        /** That it has changed data. */
        WRITES
    }

    /** Statements of anyone count. */
    public static final ActivityPolicy DEFAULT = new ActivityPolicy(Counts.STATEMENTS, List.of(), List.of());

    public ActivityPolicy {
        ignoreApplications = List.copyOf(ignoreApplications);
        ignoreRoles = List.copyOf(ignoreRoles);
    }
}
