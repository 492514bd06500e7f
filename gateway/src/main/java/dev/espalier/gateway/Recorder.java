package dev.espalier.gateway;

import dev.espalier.gateway.StatementRecord.Outcome;
import dev.espalier.gateway.StatementRecord.Protocol;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Hands a session's records to the sink; in strict mode what cannot be recorded is not let through. */
final class Recorder {

    private static final Logger LOG = LoggerFactory.getLogger(Recorder.class);

    /** The history goes by days, and those that are long gone take nothing any more. */
    private static final long LONGEST_AGO_NANOS = Duration.ofHours(1).toNanos();

    private final SessionInfo session;
    private final StatementSink sink;
    private final Clock clock;

    private boolean strict;
    private long statements;

    Recorder(SessionInfo session, StatementSink sink, boolean strict, Clock clock) {
        this.session = session;
        this.sink = sink;
        this.strict = strict;
        this.clock = clock;
    }

    /** The session ends: there is nobody to deny anything to, and all that may have run is to be recorded. */
    void deniesNoMore() {
        strict = false;
    }

    /** @throws Refusal in strict mode, if no record can be kept now */
    void refuseWhatCannotBeRecorded() throws Refusal {
        refuseWhatCannotBeRecorded(sink, strict);
    }

    /** @throws Refusal in strict mode, if no record can be kept now */
    static void refuseWhatCannotBeRecorded(StatementSink sink, boolean strict) throws Refusal {
        if (strict) {
            Optional<String> obstacle = sink.obstacle();
            if (obstacle.isPresent()) {
                throw new Refusal(
                        "58030",
                        "nothing runs while it cannot be recorded, so this session ends here: " + obstacle.get(),
                        "Ask the administrator to look at the journal.");
            }
        }
    }

    /** Statements so far. */
    long statements() {
        return statements;
    }

    /**
     * What runs.
     *
     * @param text the client's
     * @param statement of the text
     * @param number of the statement in its session
     * @param part of the statement
     */
    record Execution(SqlText text, StatementInfo statement, long number, int part, Protocol protocol) {

        /** What ran in its place: code that runs on the server can make and remove what has a name. A Query runs what it says. */
        Execution another() {
            String what = protocol == Protocol.SIMPLE
                    ? "a statement that was not asked for"
                    : "a statement that was prepared out of sight";
            SqlText other = SqlText.inThePlaceOf(statement, what);
            return new Execution(other, other.statement(0), number, part, protocol);
        }
    }

    /**
     * The next statement.
     *
     * @param index of the statement in the text
     */
    Execution execution(SqlText text, int index, Protocol protocol) {
        return new Execution(text, text.statement(index), ++statements, 1, protocol);
    }

    /** What the portal runs, or the next part of it. */
    Execution execution(Exchange.Portal portal) {
        if (portal.parts++ == 0) {
            portal.number = ++statements;
        }
        return new Execution(portal.text, portal.text.statement(0), portal.number, portal.parts, Protocol.EXTENDED);
    }

    /**
     * Appends a statement that was not executed.
     *
     * @throws Refusal in strict mode, if the record cannot be kept
     */
    void neverRan(SqlText text, Meter.Reading reading, long bytesFromClient, Outcome outcome) throws Refusal {
        append(execution(text, 0, Protocol.EXTENDED), reading, 0, bytesFromClient, outcome);
    }

    /** @throws Refusal in strict mode, if the record cannot be kept */
    void append(Execution execution, Meter.Reading reading, long rows, long bytesFromClient, Outcome outcome)
            throws Refusal {
        SqlText text = execution.text();
        StatementInfo statement = execution.statement();
        Instant start =
                clock.instant().minusNanos(reading.durationNanos() + Math.min(reading.agoNanos(), LONGEST_AGO_NANOS));
        StatementRecord made = new StatementRecord(
                session,
                execution.number(),
                execution.part(),
                execution.protocol(),
                statement.type(),
                text.shown(statement, outcome instanceof Outcome.Failed),
                statement.parsed(),
                statement.changes(),
                text.truncated(),
                text.claims(),
                start,
                reading.durationNanos(),
                reading.firstRowNanos(),
                reading.cpuNanos(),
                rows,
                reading.bytesToClient(),
                bytesFromClient,
                outcome);
        keep(sink, strict, session.id(), () -> sink.append(made));
    }

    /** Appends; what the sink throws, also an error, is logged, and in strict mode denies what was to be recorded. */
    static void keep(StatementSink sink, boolean strict, String sessionId, Runnable append) throws Refusal {
        try {
            append.run();
        } catch (RuntimeException | Error e) {
            LOG.error("session {}: its record could not be kept by {}", sessionId, sink, e);
            if (strict) {
                throw new Refusal(
                        "58030",
                        "what this session did could not be recorded, so it ends here; its last statement may have run",
                        "Ask the administrator to look at the journal: session " + sessionId + ".");
            }
        }
    }
}
