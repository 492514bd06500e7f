package dev.espalier.storage;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** A real file system in an image file on a loop device, or a directory of the machine's own disk. */
final class TestDisk implements AutoCloseable {

    private static final String FIX = "these tests need mkfs.btrfs, mkfs.xfs and loop devices";

    private final Path directory;
    private final Path mounted;
    private int roots;

    private TestDisk(Path directory, Path mounted) {
        this.directory = directory;
        this.mounted = mounted;
    }

    /** The disk that holds temporary files. */
    static TestDisk plain() {
        Path directory = temporaryDirectory();
        return new TestDisk(directory, directory);
    }

    static TestDisk btrfs(long mebibytes) {
        return made(mebibytes, "mkfs.btrfs", "--quiet");
    }

    static TestDisk xfs(long mebibytes) {
        return made(mebibytes, "mkfs.xfs", "-q", "-m", "reflink=1");
    }

    /** A disk of the kind most machines have, which cannot share blocks. */
    static TestDisk ext4(long mebibytes) {
        return made(mebibytes, "mkfs.ext4", "-q");
    }

    private static TestDisk made(long mebibytes, String... mkfs) {
        assumeRoot();
        Path directory = temporaryDirectory();
        TestDisk disk = new TestDisk(directory, directory.resolve("mounted"));
        try {
            Path image = directory.resolve("image");
            try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
                file.setLength(mebibytes << 20);
            }
            List<String> command = new ArrayList<>(List.of(mkfs));
            command.add(image.toString());
            Command.run(FIX, command.toArray(String[]::new));
            Files.createDirectory(disk.mounted);
            Command.run(FIX, "mount", "-o", "loop,noatime", image.toString(), disk.mounted.toString());
            return disk;
        } catch (IOException | RuntimeException e) {
            disk.close();
            throw e instanceof IOException io ? new UncheckedIOException(io) : (RuntimeException) e;
        }
    }

    static void assumeRoot() {
        assumeTrue(Owner.ofThisProcess().isRoot(), "only root can mount file systems");
    }

    private static Path temporaryDirectory() {
        try {
            return Files.createTempDirectory("espalier-storage-test");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Path path() {
        return mounted;
    }

    /** Lets other users get to the disk, not only the one who has made it. */
    void allowTraversal() {
        try (Directory opened = Directory.open(directory)) {
            opened.asFile().allow(0b111_001_001);
        }
    }

    /** An empty directory on the disk, with a name that is awkward but allowed. */
    Path newRoot() {
        try {
            return Files.createDirectory(mounted.resolve("root " + roots++));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Unmounts what a test has left mounted, deepest first, then the disk, and removes it. */
    @Override
    public void close() {
        mountsBelow(directory).forEach(mount -> Linux.umount2(mount, Linux.MNT_DETACH));
        Path parent = directory.toAbsolutePath().getParent();
        try (Directory temporary = Directory.open(parent == null ? Path.of("/") : parent)) {
            temporary.remove(directory.getFileName().toString());
        }
    }

    static List<Path> mountsBelow(Path directory) {
        try (Stream<String> mounts = Files.lines(Path.of("/proc/self/mounts"))) {
            return mounts.map(line -> Path.of(line.split(" ")[1].replace("\\040", " ")))
                    .filter(mount -> mount.startsWith(directory))
                    .sorted((a, b) -> Integer.compare(b.getNameCount(), a.getNameCount()))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
