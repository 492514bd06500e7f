package dev.espalier.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** A moment in a branch's history: by clock or by position in the write-ahead log. */
final class PointInTime {
    @Option(names = "--at", paramLabel = "TIME", description = "as it was then, such as 2026-11-25T10:00:00Z")
    @Nullable
    Timestamp time;

    @Option(
            names = "--lsn",
            paramLabel = "LSN",
            description = "as it was at this position of the write-ahead log, such as 0/1A2B3C8")
    @Nullable
    String lsn;
}
