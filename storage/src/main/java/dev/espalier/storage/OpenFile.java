package dev.espalier.storage;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.Arena;
import java.util.Optional;

/**
 * An open regular file or directory.
 *
 * @param fd number of the descriptor
 * @param path how the file is called in messages, which is text even where the name is not; the file itself is reached
 *     through the descriptor only
 */
record OpenFile(int fd, String path) implements AutoCloseable {

    FileStatus status() {
        return FileStatus.of(fd, "", path).orElseThrow(() -> Errno.failure("look at " + path, -Errno.ENOENT));
    }

    /** Gives the file the owner, permissions and time of another. */
    void resemble(FileStatus other) {
        own(new Owner(other.uid(), other.gid()));
        allow(other.permissions());
        try (Arena arena = Arena.ofConfined()) {
            Errno.check("set the time of " + path, Linux.futimens(fd, other.times(arena)));
        }
    }

    /** Changes the owner; an ordinary user's files have that user as owner from the start. */
    void own(Owner owner) {
        if (Owner.ofThisProcess().isRoot() || !owner.equals(Owner.ofThisProcess())) {
            Errno.check(
                    "give " + path + " to user " + owner.uid() + ", group " + owner.gid(),
                    Linux.fchownat(fd, "", owner.uid(), owner.gid(), Linux.AT_EMPTY_PATH));
        }
    }

    void allow(int permissions) {
        Errno.check("set the permissions of " + path, Linux.fchmod(fd, permissions));
    }

    /** Waits until the file's content, or the directory's names, survive a loss of power. */
    void sync() {
        Errno.check("write out " + path, Linux.fsync(fd));
    }

    /** Waits until everything on the file system survives a loss of power. */
    void syncFileSystem() {
        Errno.check("write out the file system of " + path, Linux.syncfs(fd));
    }

    /** First byte of an extended attribute, 0 for an empty value; empty if the file has no such attribute. */
    Optional<Integer> attribute(String name) {
        try (Arena arena = Arena.ofConfined()) {
            var value = arena.allocate(256);
            long result = Linux.fgetxattr(fd, name, value);
            if (result == -Errno.ENODATA || result == -Errno.EOPNOTSUPP) {
                return Optional.empty();
            }
            Errno.check("read " + name + " of " + path, result);
            return Optional.of((int) value.get(JAVA_BYTE, 0));
        }
    }

    @Override
    public void close() {
        Linux.close(fd);
    }
}
