package dev.espalier.postgres;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The files of one timeline's write-ahead log, looked for in several directories in order.
 *
 * @param directories searched in this order
 * @param timeline the timeline's number
 */
public record WalSegments(List<Path> directories, int timeline) {

    /** Size of a segment, in bytes: initdb's default, which Espalier always takes. */
    public static final long SEGMENT_BYTES = 16L << 20;

    /** Bytes at the beginning of a page, and of a segment, that belong to no record, at most. */
    public static final int LONGEST_PAGE_HEADER = 40;

    /** Name of the segment that holds the position. */
    public static String name(int timeline, Lsn lsn) {
        long segment = Long.divideUnsigned(lsn.value(), SEGMENT_BYTES);
        long perFile = (1L << 32) / SEGMENT_BYTES;
        return String.format(Locale.ROOT, "%08X%08X%08X", timeline, segment / perFile, segment % perFile);
    }

    /** Where the segment begins whose name this is; empty when it is not the name of a segment. */
    public static Optional<Lsn> start(String name) {
        if (!name.matches("[0-9A-F]{24}")) {
            return Optional.empty();
        }
        long high = Long.parseLong(name, 8, 16, 16);
        long low = Long.parseLong(name, 16, 24, 16);
        return Optional.of(new Lsn((high << 32) + low * SEGMENT_BYTES));
    }

    /** The file that holds the position, if there is one. */
    public Optional<Path> holding(Lsn lsn) {
        String name = name(timeline, lsn);
        return directories.stream()
                .map(directory -> directory.resolve(name))
                .filter(Files::exists)
                .findFirst();
    }
}
