package dev.espalier.storage;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * A btrfs file system in a sparse file, mounted through a loop device: how blocks are shared on a disk that cannot. Only
 * root can mount it.
 */
final class BtrfsImage {

    /** Size of an image that takes what the disk can give: 80 % of its free space in whole GiB. */
    static final long AUTOMATIC = 0;

    private static final long GIB = 1L << 30;
    private static final double SHARE_OF_FREE_SPACE = 0.8;
    private static final String INSTALL = "Install btrfs-progs (apt-get install btrfs-progs)";
    private static final String LOOP =
            "Espalier needs the kernel modules loop and btrfs and the right to mount; a container needs --privileged";

    private final Path image;
    private final Path mountPoint;
    private final long bytes;

    /**
     * @param image the file, which need not be there yet
     * @param mountPoint where it is mounted
     * @param bytes size of the file system if it has to be made, or {@link #AUTOMATIC}
     */
    BtrfsImage(Path image, Path mountPoint, long bytes) {
        this.image = image;
        this.mountPoint = mountPoint;
        this.bytes = bytes;
    }

    Path path() {
        return image;
    }

    boolean isMounted() {
        return isMountPoint(mountPoint) && FileSystem.of(mountPoint).isBtrfs();
    }

    /** Whether something is mounted just there. */
    static boolean isMountPoint(Path place) {
        return Directory.openIfThere(place)
                .map(directory -> {
                    try (directory) {
                        return directory.asFile().status().mountRoot();
                    }
                })
                .orElse(false);
    }

    boolean isThere() {
        return isWhole() || Files.exists(unfinished());
    }

    /** Whether there is one with a file system in it. */
    boolean isWhole() {
        return Files.exists(image);
    }

    private Path unfinished() {
        return image.resolveSibling(image.getFileName() + ".making");
    }

    /** Unmounts the image and deletes the file, with all that is in it; nothing happens when there is none. */
    void remove() {
        // Without an image, what is mounted there is somebody else's.
        if (isWhole()) {
            unmount();
        }
        try {
            Files.deleteIfExists(image);
            Files.deleteIfExists(unfinished());
        } catch (IOException e) {
            throw new StorageException("cannot delete " + image + ": " + e.getMessage(), e);
        }
    }

    /** Makes the file if there is none and mounts it if it is not mounted; nothing happens when all is there. */
    void ensureMounted() {
        if (isMounted()) {
            return;
        }
        if (!Owner.ofThisProcess().isRoot()) {
            throw new StorageException(
                    "only root can mount " + image, "Run Espalier as root, or choose another storage backend");
        }
        try {
            if (!isWhole()) {
                make();
            }
            Files.createDirectories(mountPoint);
        } catch (IOException e) {
            throw new StorageException("cannot make " + image + ": " + e.getMessage(), e);
        }
        String device = Command.run(LOOP, "losetup", "--find", "--show", image.toString());
        try {
            readAndWriteDirectly(device);
            Command.run(LOOP, "mount", "-t", "btrfs", "-o", "noatime,discard=async", device, mountPoint.toString());
        } finally {
            // While it is mounted this only marks the device: it goes with the mount.
            Command.run(LOOP, "losetup", "--detach", device);
        }
    }

    /**
     * Past the page cache of the file system below, which would hold every block a second time and make each snapshot wait
     * until it is written out. Where that file system cannot, the image works all the same, only slower.
     */
    private static void readAndWriteDirectly(String device) {
        var _ = Command.tried("losetup", "--direct-io=on", device);
    }

    /** Under another name until it is whole, so that a crash leaves no image without a file system. */
    private void make() throws IOException {
        Path unfinished = unfinished();
        Files.deleteIfExists(unfinished);
        Files.createFile(
                unfinished, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        try (RandomAccessFile file = new RandomAccessFile(unfinished.toFile(), "rw")) {
            file.setLength(bytes == AUTOMATIC ? automaticBytes(unfinished) : bytes);
        }
        Command.run(INSTALL, "mkfs.btrfs", "--quiet", unfinished.toString());
        Files.move(unfinished, image, StandardCopyOption.ATOMIC_MOVE);
    }

    private static long automaticBytes(Path file) {
        long share = (long) (FileSystem.of(file).space().freeBytes() * SHARE_OF_FREE_SPACE);
        if (share < GIB) {
            throw new StorageException(
                    "an image needs at least 1 GiB, but 80 % of the free space for " + file + " is only " + share
                            + " bytes",
                    "Free space on the disk, or put the data directory on a larger one");
        }
        return share / GIB * GIB;
    }

    /** Unmounts the image; its loop device goes with the mount. Nothing happens when it is not mounted. */
    void unmount() {
        if (isMounted()) {
            Errno.check("unmount " + mountPoint, Linux.umount2(mountPoint, 0));
        }
    }
}
