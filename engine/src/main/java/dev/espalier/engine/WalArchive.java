package dev.espalier.engine;

import dev.espalier.postgres.Lsn;
import dev.espalier.postgres.WalSegments;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The finished segments of one volume's write-ahead log. A segment is written once and never changed, and no two volumes
 * share an archive: copies of a cluster keep its system identifier and timeline, so that only the directory tells their
 * logs apart.
 *
 * @param directory where the segments are
 */
record WalArchive(Path directory) {

    /**
     * The command for {@code archive_command}: stores a segment whole or not at all, and agrees to store the same segment
     * twice, which PostgreSQL asks for after a crash.
     */
    String archiveCommand(boolean durable) {
        String target = "'" + directory + "/%f'";
        String unfinished = "'" + directory + "/%f.unfinished'";
        return "if [ -f " + target + " ]; then cmp -s '%p' " + target + "; else cp --reflink=auto '%p' " + unfinished
                + (durable ? " && sync " + unfinished : "") + " && mv " + unfinished + " " + target
                + (durable ? " && sync '" + directory + "'" : "") + "; fi";
    }

    /** The command for {@code restore_command}: looks in the directories in order. */
    static String restoreCommand(List<Path> directories) {
        StringBuilder command = new StringBuilder();
        for (Path directory : directories) {
            command.append("if [ -f '")
                    .append(directory)
                    .append("/%f' ]; then exec cp --reflink=auto '")
                    .append(directory)
                    .append("/%f' '%p'; fi; ");
        }
        return command.append("exit 1").toString();
    }

    /** Whether the segment that holds the position has been archived; one look at the file system. */
    boolean holds(int timeline, Lsn lsn) {
        return Files.exists(directory.resolve(WalSegments.name(timeline, lsn)));
    }

    /** Removes the segments that end at or before the position. */
    void deleteBefore(Lsn lsn) {
        for (Path file : Trees.children(directory)) {
            Optional<Lsn> start = WalSegments.start(file.getFileName().toString());
            if (start.isPresent() && start.get().plus(WalSegments.SEGMENT_BYTES).compareTo(lsn) <= 0) {
                try {
                    Files.deleteIfExists(file);
                } catch (IOException e) {
                    throw new UncheckedIOException("cannot remove " + file, e);
                }
            }
        }
    }
}
