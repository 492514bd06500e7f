package dev.espalier.gateway;

import dev.espalier.gateway.StatementRecord.Outcome;
import dev.espalier.gateway.StatementRecord.Protocol;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Hands a session's records to the sink; in strict mode what cannot be recorded is not let through. */
final class Recorder {

    private static final Logger LOG = LoggerFactory.getLogger(Recorder.class);

    private final SessionInfo session;
    private final StatementSink sink;
    private final boolean strict;
    private final Clock clock;

    private long statements;

    Recorder(SessionInfo session, StatementSink sink, boolean strict, Clock clock) {
        this.session = session;
        this.sink = sink;
        this.strict = strict;
        this.clock = clock;
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

    long nextNumber() {
        return ++statements;
    }

    /**
     * What runs.
     *
     * @param text the client's
     * @param statement of the text
     * @param number of the statement in its session
     * @param part of the statement
     */
    record Execution(SqlText text, StatementInfo statement, long number, int part, Protocol protocol) {}

    /** @throws Refusal in strict mode, if the record cannot be kept */
    void append(Execution execution, Meter.Reading reading, long rows, long bytesFromClient, Outcome outcome)
            throws Refusal {
        SqlText text = execution.text();
        StatementInfo statement = execution.statement();
        Instant start = clock.instant().minusNanos(reading.durationNanos());
        StatementRecord made = new StatementRecord(
                session,
                execution.number(),
                execution.part(),
                execution.protocol(),
                statement.type(),
                statement.redactedText(),
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
