package dev.espalier.journal;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;

/**
 * Sees to it that a segment's blocks are overwritten in place. Where a file system writes elsewhere each time, storing into
 * a mapped file can find the disk full, and the kernel then has no other way to say so than to kill the process.
 */
final class FileSystems {

    private static final Set<String> IN_PLACE = Set.of("ext2", "ext3", "ext4", "xfs", "tmpfs", "f2fs", "overlay");

    private FileSystems() {}

    /** @throws JournalException if segments cannot be kept in the directory */
    static void prepare(Path directory) {
        try {
            String type = Files.getFileStore(directory).type();
            if (type.equals("btrfs")) {
                overwriteInPlace(directory);
            } else if (!IN_PLACE.contains(type)) {
                throw new JournalException(
                        "the journal's directory " + directory + " is on a file system of type " + type
                                + ", where a full disk would end the process. Give the journal a directory on ext4, xfs, btrfs or "
                                + "tmpfs.");
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot tell the file system of " + directory, e);
        }
    }

    /** New files of the directory are without copy-on-write. */
    private static void overwriteInPlace(Path directory) throws IOException {
        Process chattr = new ProcessBuilder("chattr", "+C", directory.toString())
                .redirectErrorStream(true)
                .start();
        String said = new String(chattr.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        try {
            if (chattr.waitFor() != 0) {
                throw new JournalException("copy-on-write cannot be switched off for the journal's directory "
                        + directory + ": " + said + ". Give the journal a directory on ext4 or xfs.");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new JournalException("interrupted while chattr ran", e);
        }
    }
}
