package dev.espalier.journal;

/**
 * How long the system tables keep their rows, in whole days of UTC besides today.
 *
 * @param historyDays of {@code query.history}
 * @param auditDays of {@code access.audit}
 * @param usageDays of {@code billing.usage}
 */
public record Retention(int historyDays, int auditDays, int usageDays) {

    /** 30 days of statements, 365 days of audit and of usage. */
    public static final Retention DEFAULT = new Retention(30, 365, 365);

    /** @throws IllegalArgumentException if one is less than a day */
    public Retention {
        if (historyDays < 1 || auditDays < 1 || usageDays < 1) {
            throw new IllegalArgumentException("rows must be kept for at least a day, and history is kept for "
                    + historyDays + ", audit for " + auditDays + " and usage for " + usageDays);
        }
    }
}
