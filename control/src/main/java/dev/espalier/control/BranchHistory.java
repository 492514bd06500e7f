package dev.espalier.control;

import dev.espalier.postgres.Lsn;
import java.time.Instant;
import java.util.List;

/**
 * The window within which a branch can be rewound.
 *
 * @param snapshots the copies that a rewind starts from; the more, the quicker
 */
public record BranchHistory(
        Instant earliestTime, Instant latestTime, Lsn earliestLsn, Lsn latestLsn, List<Point> snapshots) {

    /** One copy. */
    public record Point(Instant time, Lsn lsn) {}
}
