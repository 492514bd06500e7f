package dev.espalier.storage;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;

/** The requests to btrfs: subvolumes made, snapshotted and removed (linux/btrfs.h). */
final class Btrfs {

    private static final long SUBVOL_CREATE_V2 = 0x50009418L;
    private static final long SNAP_CREATE_V2 = 0x50009417L;
    private static final long SNAP_DESTROY_V2 = 0x5000943FL;

    private Btrfs() {}

    static long createSubvolume(Directory parent, String name) {
        return request(parent, SUBVOL_CREATE_V2, 0, name);
    }

    /** Makes a writable snapshot of a subvolume; it is on the disk when this returns. */
    static long snapshot(Directory source, Directory parent, String name) {
        return request(parent, SNAP_CREATE_V2, source.fd(), name);
    }

    /** Removes a subvolume's name; its blocks are given back by the kernel in the background. */
    static long destroySubvolume(Directory parent, String name) {
        return request(parent, SNAP_DESTROY_V2, 0, name);
    }

    /** Sends a struct btrfs_ioctl_vol_args_v2: descriptor 8, transaction 8, flags 8, unused 32, name 4040. */
    private static long request(Directory parent, long request, long source, String name) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment arguments = arena.allocate(4096, 8);
            arguments.set(JAVA_LONG, 0, source);
            arguments.setString(56, name, StandardCharsets.ISO_8859_1);
            return Linux.ioctl(parent.fd(), request, arguments);
        }
    }
}
