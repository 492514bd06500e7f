package dev.espalier.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.espalier.postgres.OsUser;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/** A small file system of its own: on a loop device, or in memory. */
final class TestDisk implements AutoCloseable {

    /** What it is made with. */
    enum Kind {
        TMPFS(24),
        EXT4(32),
        XFS(320),
        BTRFS(256);

        private final int mebibytes;

        Kind(int mebibytes) {
            this.mebibytes = mebibytes;
        }
    }

    private final Path directory;

    TestDisk(Kind kind) throws IOException {
        assumeTrue(OsUser.current().uid() == 0, "only root can mount file systems");
        directory = Files.createTempDirectory("espalier-journal-test");
        Path image = directory.resolve("image");
        Files.createDirectory(path());
        try {
            if (kind == Kind.TMPFS) {
                run("mount", "-t", "tmpfs", "-o", "size=" + kind.mebibytes + "m", "tmpfs", path().toString());
            } else {
                try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
                    file.setLength((long) kind.mebibytes << 20);
                }
                run("mkfs." + kind.name().toLowerCase(Locale.ROOT), "-q", image.toString());
                run("mount", "-o", "loop,noatime", image.toString(), path().toString());
            }
        } catch (IOException | AssertionError e) {
            close();
            throw e;
        }
    }

    Path path() {
        return directory.resolve("mounted");
    }

    /** Writes until no more than the given number of bytes fits; returns the file that takes the room. */
    Path fill(long leave) throws IOException {
        Path ballast = path().resolve("ballast");
        try (RandomAccessFile file = new RandomAccessFile(ballast.toFile(), "rw")) {
            for (int size : new int[] {1 << 20, 4096, 512}) {
                byte[] bytes = new byte[size];
                new Random(1).nextBytes(bytes);
                try {
                    while (Files.getFileStore(path()).getUsableSpace() >= leave + size || leave == 0) {
                        file.write(bytes);
                    }
                } catch (IOException full) {
                    assertThat(full).hasMessageContaining("No space left");
                }
            }
        }
        return ballast;
    }

    /** Room that was given back is free on btrfs only after this. */
    void sync() throws IOException {
        run("sync", "--file-system", path().toString());
    }

    private static void run(String... command) throws IOException {
        Process process =
                new ProcessBuilder(List.of(command)).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.onExit().join().exitValue())
                .as(String.join(" ", command) + ": " + said)
                .isZero();
    }

    @Override
    public void close() throws IOException {
        if (Files.readString(Path.of("/proc/self/mounts")).contains(" " + path() + " ")) {
            run("umount", "-l", path().toString());
        }
        Files.delete(path());
        Files.deleteIfExists(directory.resolve("image"));
        Files.delete(directory);
    }
}
