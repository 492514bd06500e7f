package dev.espalier.journal;

import java.nio.file.Path;
import java.time.Duration;

/**
 * How a journal is kept.
 *
 * @param directory of the segments, the journal's own; made if it is not there
 * @param durability what happens to events that cannot be kept
 * @param segmentBytes size of a segment's file, {@value #MIN_SEGMENT_BYTES} to {@value #MAX_SEGMENT_BYTES}; two empty
 *     ones are always kept ready
 * @param limitBytes of all segments together, at least four segments, but for the one that a journal opens with; how long the
 *     control database may be away depends on it
 * @param syncInterval time between two writes to the disk: what a power cut can lose, at most
 * @param patience how long appending waits for a segment that is being made, once the two made ahead are used up
 */
public record JournalSettings(
        Path directory,
        Durability durability,
        int segmentBytes,
        long limitBytes,
        Duration syncInterval,
        Duration patience) {

    /** Holds the longest event, see {@link StatementEvent#MAX_TEXT}. */
    public static final int MIN_SEGMENT_BYTES = 4 << 20;

    /** More than one record's length can say. */
    public static final int MAX_SEGMENT_BYTES = 16 << 20;

    private static final int LEAST_SEGMENTS = 4;

    /** @throws IllegalArgumentException if a value is out of its range */
    public JournalSettings {
        if (segmentBytes < MIN_SEGMENT_BYTES || segmentBytes > MAX_SEGMENT_BYTES || segmentBytes % 4096 != 0) {
            throw new IllegalArgumentException("a segment has " + MIN_SEGMENT_BYTES + " to " + MAX_SEGMENT_BYTES
                    + " bytes, in whole pages of 4096, not " + segmentBytes);
        }
        if (limitBytes < (long) LEAST_SEGMENTS * segmentBytes) {
            throw new IllegalArgumentException("the journal's limit must leave room for " + LEAST_SEGMENTS
                    + " segments of " + segmentBytes + " bytes, and is " + limitBytes);
        }
        if (!syncInterval.isPositive()) {
            throw new IllegalArgumentException(
                    "the time between two writes to the disk must be positive, not " + syncInterval);
        }
        if (patience.isNegative()) {
            throw new IllegalArgumentException("appending cannot wait for " + patience);
        }
    }

    /** Segments of 16 MiB, 1 GiB at most, to the disk every 100 ms, and half a second of patience. */
    public static JournalSettings of(Path directory, Durability durability) {
        return new JournalSettings(
                directory, durability, MAX_SEGMENT_BYTES, 1L << 30, Duration.ofMillis(100), Duration.ofMillis(500));
    }
}
