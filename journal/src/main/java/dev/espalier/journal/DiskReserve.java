package dev.espalier.journal;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Room that must stay free on the journal's disk for it to take events. On btrfs a store into a mapped file waits for most
 * of a second when the disk is full, even where the file's blocks are its own (seen with Linux 6.18), so there the journal
 * stops while there still is room. Other file systems need no reserve: segments that are made are paid for.
 */
final class DiskReserve {

    private static final Logger LOG = LoggerFactory.getLogger(DiskReserve.class);
    private static final long ON_BTRFS = 64 << 20;

    private final Path directory;
    private final long bytes;

    private volatile Optional<JournalException> obstacle = Optional.empty();

    DiskReserve(Path directory) {
        this.directory = directory;
        try {
            this.bytes = Files.getFileStore(directory).type().equals("btrfs") ? ON_BTRFS : 0;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot tell the file system of " + directory, e);
        }
    }

    /** Bytes that are not the journal's to use. */
    long bytes() {
        return bytes;
    }

    /** Why the journal takes no events; empty while there is room. */
    Optional<JournalException> obstacle() {
        return obstacle;
    }

    /** Looks at the disk. */
    void look() {
        if (bytes == 0) {
            return;
        }
        long free = free();
        if (free >= bytes) {
            obstacle = Optional.empty();
            return;
        }
        if (obstacle.isEmpty()) {
            LOG.error(
                    "the journal takes no events while its disk has less than {} bytes left, and it has {}",
                    bytes,
                    free);
        }
        obstacle = Optional.of(new JournalException("the disk of the journal's directory " + directory + " has " + free
                + " bytes left, and the journal leaves " + bytes + " free on btrfs. Give the disk more room."));
    }

    /** Bytes that files can still take. */
    long free() {
        try {
            return Files.getFileStore(directory).getUsableSpace();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot tell how much room " + directory + " has", e);
        }
    }
}
