package dev.espalier.journal;

import java.time.Instant;
import java.util.Map;

/**
 * One statement, executed or at least prepared: a row of {@code query.history}.
 *
 * @param attribution who, through what, on what
 * @param statementId unique
 * @param database the database's name
 * @param role that PostgreSQL checked the statement's rights for
 * @param text without its secrets; longer ones are cut to {@value #MAX_TEXT} characters
 * @param truncated whether the text is only the beginning of what ran
 * @param parsed whether it is a statement of PostgreSQL's grammar
 * @param type in the words of Databricks' query history, as {@code SELECT}
 * @param protocol {@code simple} or {@code extended}
 * @param commandTag PostgreSQL's answer, as {@code INSERT 0 1}; {@code PARSE} or {@code BIND} where it was prepared so far and never executed; empty
 *     after an error
 * @param time when it began
 * @param durationNanos to the last byte of its outcome
 * @param firstRowNanos to its first row; the duration where there was none
 * @param cpuNanos of its backend processes
 * @param rows sent or changed
 * @param bytesToClient of the answer
 * @param bytesFromClient of the statement, with its parameters and COPY data
 * @param sqlState of the error; empty for a success
 * @param errorMessage of the error; empty for a success
 * @param claims what the client says of itself in a comment of the statement
 */
public record StatementEvent(
        Attribution attribution,
        String statementId,
        String database,
        String role,
        String text,
        boolean truncated,
        boolean parsed,
        String type,
        String protocol,
        String commandTag,
        Instant time,
        long durationNanos,
        long firstRowNanos,
        long cpuNanos,
        long rows,
        long bytesToClient,
        long bytesFromClient,
        String sqlState,
        String errorMessage,
        Map<String, String> claims)
        implements Event {

    /** Longest text that is kept, in UTF-16 units: a mebibyte, and room behind it for what tells the whole of a longer one. Up to 3 MiB in UTF-8. */
    public static final int MAX_TEXT = (1 << 20) + (1 << 10);

    public StatementEvent {
        if (text.length() > MAX_TEXT) {
            int end = Character.isHighSurrogate(text.charAt(MAX_TEXT - 1)) ? MAX_TEXT - 1 : MAX_TEXT;
            text = text.substring(0, end);
            truncated = true;
        }
        claims = Map.copyOf(claims);
    }
}
