package dev.espalier.storage;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Asks the kernel where the content of files lies on the disk (FS_IOC_FIEMAP, linux/fiemap.h). */
final class Fiemap implements AutoCloseable {

    private static final long FS_IOC_FIEMAP = 0xC020660BL;
    private static final int SYNC = 1;
    private static final int LAST = 0x1;
    private static final int UNKNOWN = 0x2;
    private static final int DELAYED = 0x4;
    private static final int INLINE = 0x200;
    private static final int SHARED = 0x2000;

    private static final int HEADER = 32;
    private static final int EXTENT = 56;
    private static final int EXTENTS_AT_ONCE = 2048;

    private final Arena arena = Arena.ofConfined();
    private final MemorySegment buffer = arena.allocate(HEADER + (long) EXTENT * EXTENTS_AT_ONCE, 8);

    /** Takes the pieces of a file one by one. */
    interface Receiver {

        /** A piece at bytes {@code start} to {@code end} (exclusive) of the disk. */
        void at(long start, long end, boolean shared);

        /** A piece that has no place of its own: inside the file's metadata, or not yet written. */
        void nowhere(long bytes);
    }

    /** Tells where the file lies, after writing it out; false if its file system cannot tell. */
    boolean read(OpenFile file, Receiver receiver) {
        long from = 0;
        while (true) {
            buffer.asSlice(0, HEADER).fill((byte) 0);
            buffer.set(JAVA_LONG, 0, from);
            buffer.set(JAVA_LONG, 8, Long.MAX_VALUE - from);
            buffer.set(JAVA_INT, 16, SYNC);
            buffer.set(JAVA_INT, 24, EXTENTS_AT_ONCE);
            long result = Linux.ioctl(file.fd(), FS_IOC_FIEMAP, buffer);
            if (result == -Errno.EOPNOTSUPP || result == -Errno.ENOTTY) {
                return false;
            }
            Errno.check("read the extents of " + file.path(), result);
            int mapped = buffer.get(JAVA_INT, 20);
            for (int i = 0; i < mapped; i++) {
                MemorySegment extent = buffer.asSlice(HEADER + (long) EXTENT * i, EXTENT);
                if (receive(extent, receiver)) {
                    return true;
                }
                from = extent.get(JAVA_LONG, 0) + extent.get(JAVA_LONG, 16);
            }
            if (mapped == 0) {
                return true;
            }
        }
    }

    /** Hands on one struct fiemap_extent; true if it is the file's last. */
    private static boolean receive(MemorySegment extent, Receiver receiver) {
        long start = extent.get(JAVA_LONG, 8);
        long length = extent.get(JAVA_LONG, 16);
        int flags = extent.get(JAVA_INT, 40);
        if ((flags & (UNKNOWN | DELAYED | INLINE)) != 0) {
            receiver.nowhere(length);
        } else {
            receiver.at(start, start + length, (flags & SHARED) != 0);
        }
        return (flags & LAST) != 0;
    }

    @Override
    public void close() {
        arena.close();
    }
}
