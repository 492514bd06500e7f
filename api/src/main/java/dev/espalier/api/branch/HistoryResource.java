package dev.espalier.api.branch;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.espalier.control.BranchHistory;
import java.time.Instant;
import java.util.List;

/** The window within which a branch can be rewound, or branched from. */
public record HistoryResource(
        Instant earliestTime,
        Instant latestTime,
        String earliestLsn,
        String latestLsn,

        @JsonPropertyDescription("The copies that a rewind starts from.")
        List<Point> snapshots) {

    /** One copy. */
    public record Point(Instant time, String lsn) {}

    static HistoryResource of(BranchHistory history) {
        return new HistoryResource(
                history.earliestTime(),
                history.latestTime(),
                history.earliestLsn().toString(),
                history.latestLsn().toString(),
                history.snapshots().stream()
                        .map(point -> new Point(point.time(), point.lsn().toString()))
                        .toList());
    }
}
