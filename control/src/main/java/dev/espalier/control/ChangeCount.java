package dev.espalier.control;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How many changes the control database has taken after which volumes come or go, counted also beside the data. One that is older than the data, out of a
 * backup or of a replica that lagged behind, would have what was made since deleted as left over.
 */
final class ChangeCount {

    private static final Logger LOG = LoggerFactory.getLogger(ChangeCount.class);
    private static final String FILE = "espalier-changes";

    private final Path file;
    private long kept;

    ChangeCount(Path dataDirectory) {
        this.file = dataDirectory.resolve(FILE);
    }

    /** Counts the beginning or the end of an operation, a removal or a snapshot, in its transaction; as the last row, which others wait for. */
    static long next(Handle handle) {
        return handle.createQuery("UPDATE control.installation SET changes = changes + 1 RETURNING changes")
                .mapTo(Long.class)
                .one();
    }

    /** Keeps a count that the control database has taken; before anything is made. */
    synchronized void keep(long count) {
        if (count <= kept) {
            return;
        }
        // Of one length, so that it is whole at any time when it is written over.
        ByteBuffer text = ByteBuffer.wrap("%019d%n".formatted(count).getBytes(StandardCharsets.US_ASCII));
        try {
            if (Files.exists(file)) {
                try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                    channel.write(text, 0);
                }
            } else {
                writeFirst(text);
            }
            kept = count;
        } catch (IOException e) {
            LOG.warn(
                    "cannot write {}: {}. A control database out of a backup would not be noticed.",
                    file,
                    e.toString());
        }
    }

    private void writeFirst(ByteBuffer text) throws IOException {
        Path unfinished = file.resolveSibling(FILE + ".unfinished");
        try (FileChannel channel = FileChannel.open(
                unfinished,
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING,
                StandardOpenOption.WRITE)) {
            channel.write(text);
            channel.force(true);
        }
        Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
    }

    /** @throws IllegalStateException if the control database has forgotten what was done with these data */
    void check(Handle handle) {
        long beside = read();
        long known = handle.select("SELECT changes FROM control.installation")
                .mapTo(Long.class)
                .one();
        if (known < beside) {
            throw new IllegalStateException("the control database is older than the data: it knows of " + known
                    + " changes, and " + file + " of " + beside
                    + ". Name the newer control database (control.url), or "
                    + "put the data directory of the same time beside this one. Only if what was done since may be lost: "
                    + "branches made since are deleted then, and branches reset or restored since may be lost altogether; "
                    + "delete " + file + " and start again.");
        }
        kept = beside;
    }

    private long read() {
        try {
            return Files.exists(file) ? Long.parseLong(Files.readString(file).strip()) : 0;
        } catch (IOException | NumberFormatException e) {
            throw new IllegalStateException(
                    "cannot read " + file + ": " + e.getMessage()
                            + ". Delete it if the control database is not older than the data.",
                    e);
        }
    }
}
