package dev.espalier.gateway;

import java.util.Optional;

/** What the client asked for is denied. It is told why, in the fields of PostgreSQL's ErrorResponse. */
public final class Refusal extends Exception {

    private final String sqlState;
    private final String hint;

    /**
     * @param sqlState five characters of PostgreSQL's appendix "Error Codes"
     * @param message the cause, in one line
     * @param hint the fix; empty if there is none
     */
    public Refusal(String sqlState, String message, String hint) {
        super(message, null, false, false);
        this.sqlState = sqlState;
        this.hint = hint;
    }

    public String sqlState() {
        return sqlState;
    }

    /** The cause. */
    public String reason() {
        return String.valueOf(getMessage());
    }

    public Optional<String> hint() {
        return hint.isEmpty() ? Optional.empty() : Optional.of(hint);
    }
}
