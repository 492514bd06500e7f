package dev.espalier.control.setting;

import java.util.List;
import java.util.regex.Pattern;

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

    /** What the gateway adds to the name that a client gives itself. */
    private static final Pattern TAG = Pattern.compile(" ?\\[espalier:[^]]*]$");

    public ActivityPolicy {
        ignoreApplications = List.copyOf(ignoreApplications);
        ignoreRoles = List.copyOf(ignoreRoles);
    }

    /** Whether a session of this role and with this application_name never counts. */
    public boolean ignores(String role, String applicationName) {
        return matches(ignoreRoles, role)
                || matches(ignoreApplications, TAG.matcher(applicationName).replaceFirst(""));
    }

    private static boolean matches(List<String> patterns, String text) {
        return patterns.stream().anyMatch(pattern -> matches(pattern, text));
    }

    /** In time that grows with the product of the lengths, whatever the pattern: it is a manager's, the text anybody's. */
    private static boolean matches(String pattern, String text) {
        int p = 0;
        int t = 0;
        int star = -1;
        int resume = 0;
        while (t < text.length()) {
            if (p < pattern.length() && pattern.charAt(p) == '*') {
                star = p++;
                resume = t;
            } else if (p < pattern.length() && pattern.charAt(p) == text.charAt(t)) {
                p++;
                t++;
            } else if (star >= 0) {
                // What the last star stands for is one character longer.
                p = star + 1;
                t = ++resume;
            } else {
                return false;
            }
        }
        return pattern.substring(p).chars().allMatch(rest -> rest == '*');
    }
}
