package dev.espalier.gateway;

import java.time.Instant;
import java.util.Map;

/**
 * One statement, executed or at least prepared. A portal that is fetched in parts gives a record for each part, under the same number; their
 * rows, bytes and times add up.
 *
 * @param session who, from where, on what
 * @param number of the statement in its session, from 1
 * @param part of the statement, from 1
 * @param protocol how it came
 * @param type see {@link StatementInfo#type()}
 * @param text without its secrets
 * @param parsed whether it is a statement of PostgreSQL's grammar
 * @param changes see {@link StatementInfo#changes()}; not where it was parsed and surely never ran
 * @param truncated whether the text is only the beginning of what ran
 * @param claims the pairs of a trailing SQL comment in sqlcommenter form; the client's word, not the gateway's
 * @param start when the backend could begin with it
 * @param durationNanos from the start to the last byte of its outcome
 * @param firstRowNanos from the start to the first row; the duration where there was none
 * @param cpuNanos of the backend since the record before this one, its login not counted, and of its parallel workers, see
 *     {@link WorkerWatch}
 * @param rows as the command tag says; those that were sent, where there is no tag
 * @param bytesToClient of the answer's messages
 * @param bytesFromClient of the messages that led to the answer, COPY data included
 * @param outcome how it ended
 */
public record StatementRecord(
        SessionInfo session,
        long number,
        int part,
        Protocol protocol,
        String type,
        String text,
        boolean parsed,
        boolean changes,
        boolean truncated,
        Map<String, String> claims,
        Instant start,
        long durationNanos,
        long firstRowNanos,
        long cpuNanos,
        long rows,
        long bytesToClient,
        long bytesFromClient,
        Outcome outcome) {

    /** How a statement comes. */
    public enum Protocol {
        /** In a Query message. */
        SIMPLE,
        /** By Parse, Bind and Execute. */
        EXTENDED
    }

    /** How a statement ends. */
    public sealed interface Outcome {

        /** @param tag PostgreSQL's command tag; empty for an empty statement */
        record Completed(String tag) implements Outcome {}

        /**
         * PostgreSQL has prepared it, and it was gone before an Execute came. Functions that it calls may have run all the same: of
         * some PostgreSQL takes the value when it plans, which is at Bind, and constants are checked at Parse. So may it itself: SQL's
         * EXECUTE and FETCH run what messages have prepared, too.
         *
         * @param tag how far it came, {@code PARSE} or {@code BIND}
         */
        record Unexecuted(String tag) implements Outcome {}

        /** The rows that were asked for are sent, and the portal has more. */
        record Suspended() implements Outcome {}

        /** PostgreSQL refused it or broke it off, or the gateway did before PostgreSQL got it. */
        record Failed(String sqlState, String message) implements Outcome {}

        /** The backend ended before it said how the statement ended. */
        record Lost(String reason) implements Outcome {}
    }
}
