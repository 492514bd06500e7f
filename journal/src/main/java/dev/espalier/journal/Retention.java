package dev.espalier.journal;

/**
 * How long the system tables keep their rows, in whole days of UTC besides today.
 *
 * @param historyDays of {@code query.history}
 * @param auditDays of {@code access.audit}
 */
public record Retention(int historyDays, int auditDays) {

    /** 30 days of statements, 365 days of audit. */
    public static final Retention DEFAULT = new Retention(30, 365);

    /** @throws IllegalArgumentException if one is less than a day */
    public Retention {
        if (historyDays < 1 || auditDays < 1) {
            throw new IllegalArgumentException("rows must be kept for at least a day, and history is kept for "
                    + historyDays + " and audit for " + auditDays);
        }
    }
}
