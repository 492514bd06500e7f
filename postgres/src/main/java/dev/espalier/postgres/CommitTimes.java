package dev.espalier.postgres;

import dev.espalier.postgres.WalReader.WalRecord;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Finds records in the write-ahead log by position and by time, the latter from the times that the commit and abort records themselves carry. So
 * the answer is exact, needs no heartbeat in the database, and an idle database or a target past the last commit are
 * ordinary cases.
 */
public final class CommitTimes {

    private static final Instant EPOCH = Instant.parse("2000-01-01T00:00:00Z");
    private static final int TRANSACTION = 1;
    private static final int OPERATION_MASK = 0x70;
    private static final int COMMIT = 0x00;
    private static final int ABORT = 0x20;
    private static final int COMMIT_PREPARED = 0x30;
    private static final int ABORT_PREPARED = 0x40;
    private static final int DATA_SHORT = 255;
    private static final int DATA_LONG = 254;
    private static final int ORIGIN = 253;
    private static final int TOP_LEVEL_XID = 252;

    /**
     * Where a log ends and what it holds.
     *
     * @param stopBefore start of the first record past the target; empty when there is none
     * @param last start of the last whole record that was read, of those within; empty when there is none
     * @param end position after the last whole record that was read
     * @param lastTime when the last transaction that was read has ended; empty when none has
     */
    public record Position(Optional<Lsn> stopBefore, Optional<Lsn> last, Lsn end, Optional<Instant> lastTime) {}

    private CommitTimes() {}

    /**
     * Reads from {@code from} until a transaction ended after {@code target}, as {@code recovery_target_time} would.
     *
     * @throws java.io.UncheckedIOException if a segment cannot be read
     */
    public static Position find(WalSegments segments, Lsn from, Instant target) {
        return find(segments, from, EPOCH.until(target, ChronoUnit.MICROS));
    }

    private static Position find(WalSegments segments, Lsn from, long limit) {
        return find(segments, from, record -> endsTransaction(record) && time(record.content()) > limit);
    }

    /** Reads from {@code from} until a record starts at or after {@code target}. */
    public static Position find(WalSegments segments, Lsn from, Lsn target) {
        return find(segments, from, record -> record.start().compareTo(target) >= 0);
    }

    private static Position find(WalSegments segments, Lsn from, Predicate<WalRecord> isAfterTarget) {
        WalReader reader = new WalReader(segments, from);
        Optional<Lsn> last = Optional.empty();
        Lsn end = from;
        Optional<Instant> lastTime = Optional.empty();
        for (Optional<WalRecord> next = reader.next(); next.isPresent(); next = reader.next()) {
            WalRecord record = next.get();
            // The reader begins with the page: what stands there before, by a clock that was set back later, is no end.
            boolean isWithin = record.start().compareTo(from) >= 0;
            if (isWithin && isAfterTarget.test(record)) {
                return new Position(Optional.of(record.start()), last, end, lastTime);
            }
            if (isWithin && endsTransaction(record)) {
                lastTime = Optional.of(EPOCH.plus(time(record.content()), ChronoUnit.MICROS));
            }
            if (isWithin) {
                last = Optional.of(record.start());
            }
            end = record.end();
        }
        return new Position(Optional.empty(), last, end, lastTime);
    }

    /** Position after the last whole record at or after {@code from}. */
    public static Lsn end(WalSegments segments, Lsn from) {
        return find(segments, from, record -> false).end();
    }

    private static boolean endsTransaction(WalRecord record) {
        if (record.resourceManager() != TRANSACTION) {
            return false;
        }
        int operation = record.info() & OPERATION_MASK;
        return operation == COMMIT || operation == ABORT || operation == COMMIT_PREPARED || operation == ABORT_PREPARED;
    }

    /** Both xl_xact_commit and xl_xact_abort begin with the time, in microseconds since 2000 (xact.h). */
    private static long time(ByteBuffer record) {
        int at = WalReader.RECORD_HEADER;
        while (true) {
            int id = Byte.toUnsignedInt(record.get(at));
            switch (id) {
                case ORIGIN -> at += 3;
                case TOP_LEVEL_XID -> at += 5;
                case DATA_SHORT -> {
                    return record.getLong(at + 2);
                }
                case DATA_LONG -> {
                    return record.getLong(at + 5);
                }
                default ->
                    throw new IllegalStateException("the record that ends a transaction holds a block reference " + id);
            }
        }
    }
}
