package dev.espalier.engine;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.espalier.postgres.OsUser;
import dev.espalier.storage.Backend;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** A directory on a file system that a backend works on: on a loop device where that is a special one. */
final class TestDisk implements AutoCloseable {

    private static final long MEBIBYTES = 4096;

    private final Path directory;
    private final Path mounted;

    private TestDisk(Path directory, Path mounted) {
        this.directory = directory;
        this.mounted = mounted;
    }

    static TestDisk of(Backend backend) {
        return switch (backend) {
            case BTRFS -> btrfs(MEBIBYTES);
            case OVERLAY, REFLINK -> xfs(MEBIBYTES);
            case COPY -> plain();
        };
    }

    static TestDisk btrfs(long mebibytes) {
        return made(mebibytes, "mkfs.btrfs", "--quiet");
    }

    static TestDisk xfs(long mebibytes) {
        return made(mebibytes, "mkfs.xfs", "-q", "-m", "reflink=1");
    }

    private static TestDisk plain() {
        Path directory = temporaryDirectory();
        return new TestDisk(directory, directory);
    }

    private static TestDisk made(long mebibytes, String... mkfs) {
        assumeTrue(OsUser.current().uid() == 0, "only root can mount file systems");
        Path directory = temporaryDirectory();
        TestDisk disk = new TestDisk(directory, directory.resolve("disk"));
        try {
            Path image = directory.resolve("image");
            try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
                file.setLength(mebibytes << 20);
            }
            List<String> command = new ArrayList<>(List.of(mkfs));
            command.add(image.toString());
            run(command);
            Files.createDirectory(disk.mounted);
            run(List.of("mount", "-o", "loop,noatime", image.toString(), disk.mounted.toString()));
            return disk;
        } catch (IOException e) {
            disk.close();
            throw new UncheckedIOException(e);
        } catch (RuntimeException e) {
            disk.close();
            throw e;
        }
    }

    /** In a place that other users can reach, with a short path: it holds sockets. */
    private static Path temporaryDirectory() {
        try {
            Path directory = Files.createTempDirectory("espalier");
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
            return directory;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String run(List<String> command) {
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            process.getOutputStream().close();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new IllegalStateException(String.join(" ", command) + ": " + output);
            }
            return output;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    Path path() {
        return mounted;
    }

    /** Unmounts the disk and what lies on it, and removes it. */
    @Override
    public void close() {
        for (Path mount : mountsBelow(directory)) {
            run(List.of("umount", "--lazy", mount.toString()));
        }
        Trees.delete(directory);
    }

    /** Deepest first. */
    private static List<Path> mountsBelow(Path directory) {
        try (Stream<String> mounts = Files.lines(Path.of("/proc/self/mounts"))) {
            return mounts.map(line -> Path.of(line.split(" ")[1]))
                    .filter(mount -> mount.startsWith(directory))
                    .sorted((a, b) -> Integer.compare(b.getNameCount(), a.getNameCount()))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
