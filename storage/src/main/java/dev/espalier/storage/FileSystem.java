package dev.espalier.storage;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.function.ToLongFunction;

/**
 * What statfs(2) tells of the file system a path lies on; the layout is the same on amd64 and arm64.
 *
 * @param type the kernel's magic number of the kind of file system
 * @param space size, and what ordinary users can still write
 */
record FileSystem(long type, Space space) {

    private static final long BTRFS = 0x9123683EL;

    static FileSystem of(Path path) {
        return read(path.toString(), statfs -> Linux.statfs(path, statfs));
    }

    static FileSystem of(OpenFile file) {
        return read(file.path(), statfs -> Linux.fstatfs(file.fd(), statfs));
    }

    private static FileSystem read(String path, ToLongFunction<MemorySegment> call) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment statfs = arena.allocate(256, 8);
            Errno.check("look at the file system of " + path, call.applyAsLong(statfs));
            long unit = statfs.get(JAVA_LONG, 72);
            return new FileSystem(
                    statfs.get(JAVA_LONG, 0),
                    new Space(statfs.get(JAVA_LONG, 16) * unit, statfs.get(JAVA_LONG, 32) * unit));
        }
    }

    boolean isBtrfs() {
        return type == BTRFS;
    }

    /** Name of the kind of file system, for messages. */
    String name() {
        return switch (Long.toHexString(type)) {
            case "9123683e" -> "btrfs";
            case "58465342" -> "XFS";
            case "ef53" -> "ext4";
            case "1021994" -> "tmpfs";
            case "794c7630" -> "overlay";
            case "2fc12fc1" -> "ZFS";
            case "6969" -> "NFS";
            case String magic -> "a file system of type 0x" + magic;
        };
    }
}
