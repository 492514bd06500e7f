package dev.espalier.storage;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/**
 * What the kernel knows of a file, read with statx(2), whose layout is the same on every machine.
 *
 * @param mode kind and permissions
 * @param uid user
 * @param gid group
 * @param links number of names
 * @param inode number, unique within {@code device}
 * @param size length in bytes
 * @param blocks allocated space, in units of 512 bytes
 * @param modifiedSeconds time of the last change, seconds since 1970
 * @param modifiedNanos fraction of that second
 * @param rawDevice for a device file, which device; 0 is none
 * @param device file system the file lies on; each btrfs subvolume has its own
 * @param mountRoot true if something is mounted here
 */
record FileStatus(
        int mode,
        int uid,
        int gid,
        int links,
        long inode,
        long size,
        long blocks,
        long modifiedSeconds,
        int modifiedNanos,
        long rawDevice,
        long device,
        boolean mountRoot) {

    static final long BLOCK = 512;
    private static final int STATX_BASIC_STATS = 0x7ff;
    private static final long STATX_ATTR_MOUNT_ROOT = 0x2000;
    private static final int KIND = 0xf000;

    /** Status of an open file, or of a name in a directory without following a link; empty if there is no such file. */
    static Optional<FileStatus> of(int fd, String name, String shown) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment statx = arena.allocate(256, 8);
            int flags = Linux.AT_SYMLINK_NOFOLLOW | Linux.AT_EMPTY_PATH;
            long result = Linux.statx(fd, name, flags, STATX_BASIC_STATS, statx);
            if (result == -Errno.ENOENT) {
                return Optional.empty();
            }
            Errno.check("look at " + shown, result);
            return Optional.of(new FileStatus(
                    Short.toUnsignedInt(statx.get(JAVA_SHORT, 28)),
                    statx.get(JAVA_INT, 20),
                    statx.get(JAVA_INT, 24),
                    statx.get(JAVA_INT, 16),
                    statx.get(JAVA_LONG, 32),
                    statx.get(JAVA_LONG, 40),
                    statx.get(JAVA_LONG, 48),
                    statx.get(JAVA_LONG, 112),
                    statx.get(JAVA_INT, 120),
                    device(statx, 128),
                    device(statx, 136),
                    (statx.get(JAVA_LONG, 8) & STATX_ATTR_MOUNT_ROOT) != 0));
        }
    }

    private static long device(MemorySegment statx, long offset) {
        return (Integer.toUnsignedLong(statx.get(JAVA_INT, offset)) << 32)
                | Integer.toUnsignedLong(statx.get(JAVA_INT, offset + 4));
    }

    int permissions() {
        return mode & 0xfff;
    }

    boolean isDirectory() {
        return (mode & KIND) == 0x4000;
    }

    boolean isRegularFile() {
        return (mode & KIND) == 0x8000;
    }

    boolean isSymbolicLink() {
        return (mode & KIND) == 0xa000;
    }

    /** A character device without a number: how overlayfs marks a name of a lower layer as removed. */
    boolean isWhiteout() {
        return (mode & KIND) == 0x2000 && rawDevice == 0;
    }

    /** Two timespecs for utimensat(2) that set both times to the time of the last change. */
    MemorySegment times(Arena arena) {
        return arena.allocateFrom(JAVA_LONG, modifiedSeconds, modifiedNanos, modifiedSeconds, modifiedNanos);
    }
}
