package dev.espalier.storage;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * An open directory. Names are looked up in the directory itself and links are never followed, so that whoever may write
 * inside a volume cannot lead a process of root out of it by swapping a directory for a link.
 */
final class Directory implements AutoCloseable {

    private static final int LISTING_BUFFER = 64 * 1024;
    private static final int LONGEST_LINK = 4096;

    private final OpenFile file;

    private Directory(int fd, String path) {
        this.file = new OpenFile(fd, path);
    }

    /** Opens a directory that must be there. */
    static Directory open(Path path) {
        return openIfThere(path).orElseThrow(() -> Errno.failure("open the directory " + path, -Errno.ENOENT));
    }

    /** Opens a directory; empty if it is not there. */
    static Optional<Directory> openIfThere(Path path) {
        int fd = Linux.openat(Linux.AT_FDCWD, Linux.bytes(path), Linux.O_DIRECTORY, 0);
        if (fd == -Errno.ENOENT) {
            return Optional.empty();
        }
        Errno.check("open the directory " + path, fd);
        return Optional.of(new Directory(fd, path.toString()));
    }

    /** Makes a directory and opens it. */
    static Directory make(Path path, int permissions) {
        Errno.check("make the directory " + path, Linux.mkdirat(Linux.AT_FDCWD, Linux.bytes(path), permissions));
        return open(path);
    }

    int fd() {
        return file.fd();
    }

    String path() {
        return file.path();
    }

    /** The directory as a file: for its owner, permissions and times. */
    OpenFile asFile() {
        return file;
    }

    private String pathOf(String name) {
        return file.path() + "/" + name;
    }

    /** All names in the directory, in the order of the file system; none if it has been removed meanwhile. */
    List<String> names() {
        Errno.check("list " + path(), Linux.lseek(fd(), 0, Linux.SEEK_SET));
        List<String> names = new ArrayList<>();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(LISTING_BUFFER, 8);
            for (long filled; (filled = Linux.getdents64(fd(), buffer)) != 0; ) {
                if (filled == -Errno.ENOENT) {
                    return names;
                }
                Errno.check("list " + path(), filled);
                // struct linux_dirent64: inode 8, offset 8, record length 2, kind 1, name
                for (long at = 0; at < filled; at += Short.toUnsignedInt(buffer.get(JAVA_SHORT, at + 16))) {
                    String name = buffer.getString(at + 19, StandardCharsets.ISO_8859_1);
                    if (!name.equals(".") && !name.equals("..")) {
                        names.add(name);
                    }
                }
            }
        }
        return names;
    }

    Optional<FileStatus> status(String name) {
        return FileStatus.of(fd(), name, pathOf(name));
    }

    /** A directory in this one; empty if it is not there (any more). */
    Optional<Directory> child(String name) {
        return openIfThere(name, Linux.O_DIRECTORY).map(open -> new Directory(open.fd(), open.path()));
    }

    /** A file of this directory, for reading; empty if it is not there (any more). */
    Optional<OpenFile> read(String name) {
        return openIfThere(name, Linux.O_RDONLY | Linux.O_NONBLOCK);
    }

    private Optional<OpenFile> openIfThere(String name, int flags) {
        int fd = Linux.openat(fd(), name, flags | Linux.O_NOFOLLOW, 0);
        if (fd == -Errno.ENOENT) {
            return Optional.empty();
        }
        Errno.check("open " + pathOf(name), fd);
        return Optional.of(new OpenFile(fd, pathOf(name)));
    }

    /** Makes a file, for reading and writing, that only its owner may read. */
    OpenFile makeFile(String name) {
        int fd = Linux.openat(fd(), name, Linux.O_RDWR | Linux.O_CREAT | Linux.O_EXCL, 0x180);
        Errno.check("make " + pathOf(name), fd);
        return new OpenFile(fd, pathOf(name));
    }

    /** Makes a directory that only its owner may enter. */
    Directory makeDirectory(String name) {
        Errno.check("make the directory " + pathOf(name), Linux.mkdirat(fd(), name, 0x1c0));
        return child(name).orElseThrow(() -> Errno.failure("open " + pathOf(name), -Errno.ENOENT));
    }

    /** What a symbolic link says; empty if it is not there (any more). */
    Optional<String> readLink(String name) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(LONGEST_LINK);
            long length = Linux.readlinkat(fd(), name, buffer);
            if (length == -Errno.ENOENT) {
                return Optional.empty();
            }
            Errno.check("read the link " + pathOf(name), length);
            byte[] content = buffer.asSlice(0, length).toArray(JAVA_BYTE);
            return Optional.of(new String(content, StandardCharsets.ISO_8859_1));
        }
    }

    /** Makes a symbolic link with the owner and time of another. */
    void makeLink(String name, String content, FileStatus like) {
        String operation = "make the link " + pathOf(name);
        Errno.check(operation, Linux.symlinkat(content, fd(), name));
        if (Owner.ofThisProcess().isRoot()) {
            Errno.check(operation, Linux.fchownat(fd(), name, like.uid(), like.gid(), Linux.AT_SYMLINK_NOFOLLOW));
        }
        try (Arena arena = Arena.ofConfined()) {
            Errno.check(operation, Linux.utimensat(fd(), name, like.times(arena)));
        }
    }

    void rename(String from, String to) {
        Errno.check("rename " + pathOf(from) + " to " + to, Linux.renameat(fd(), from, to));
    }

    /** Removes a name and all that is below it; nothing happens when it is not there. */
    void remove(String name) {
        long result = Linux.unlinkat(fd(), name, 0);
        if (result == -Errno.EISDIR) {
            child(name).ifPresent(child -> {
                try (child) {
                    child.removeContent();
                }
            });
            result = Linux.unlinkat(fd(), name, Linux.AT_REMOVEDIR);
        }
        if (result != -Errno.ENOENT) {
            Errno.check("remove " + pathOf(name), result);
        }
    }

    void removeContent() {
        names().forEach(this::remove);
    }

    @Override
    public void close() {
        file.close();
    }
}
