package dev.espalier.storage;

/** How the content of one regular file gets into another, empty one. */
enum FileCopier {

    /** Both files hold the same blocks until one is written; XFS and btrfs can do that. */
    CLONE {
        @Override
        void copy(OpenFile from, OpenFile to) {
            if (!tryClone(from, to)) {
                throw noSharedBlocks("cannot clone " + from.path() + ": ", to);
            }
        }
    },

    /**
     * Every byte is copied, holes stay holes. Through sendfile(2) and not copy_file_range(2): the latter clones where it
     * can, and then the copy would hold shared blocks that are counted as its own.
     */
    BYTES {
        @Override
        void copy(OpenFile from, OpenFile to) {
            FileStatus status = from.status();
            long size = status.size();
            boolean sparse = status.blocks() * FileStatus.BLOCK < size;
            for (long at = 0; at < size; ) {
                long start = sparse ? seekData(from, at, size) : at;
                long end = sparse && start < size ? Math.min(seekHole(from, start), size) : size;
                if (!copyRange(from, to, start, end)) {
                    return;
                }
                at = end;
            }
            if (sparse) {
                Errno.check("set the size of " + to.path(), Linux.ftruncate(to.fd(), size));
            }
        }
    };

    private static final long FICLONE = 0x40049409L;
    private static final long CHUNK = 64L << 20;

    abstract void copy(OpenFile from, OpenFile to);

    /** Clones a file; false if the file system cannot do that. */
    static boolean tryClone(OpenFile from, OpenFile to) {
        long result = Linux.ioctl(to.fd(), FICLONE, (long) from.fd());
        if (result == -Errno.EOPNOTSUPP || result == -Errno.ENOTTY) {
            return false;
        }
        String operation = "clone " + from.path() + " to " + to.path();
        if (result == -Errno.EINVAL) {
            throw new StorageException(
                    "cannot " + operation + ": Invalid argument",
                    "On btrfs a file with the attribute C (no copy on write) and one without it cannot share blocks:"
                            + " take it off the directory with chattr -C, then copy the files anew");
        }
        Errno.check(operation, result);
        return true;
    }

    static StorageException noSharedBlocks(String operation, OpenFile file) {
        return new StorageException(
                operation + "the disk is " + FileSystem.of(file).name() + ", which does not share blocks between files",
                "Put the data directory on btrfs or XFS, or choose another storage backend");
    }

    /** Copies bytes {@code start} to {@code end}; false if the file has become shorter meanwhile. */
    private static boolean copyRange(OpenFile from, OpenFile to, long start, long end) {
        String operation = "copy " + from.path() + " to " + to.path();
        Errno.check(operation, Linux.lseek(from.fd(), start, Linux.SEEK_SET));
        Errno.check(operation, Linux.lseek(to.fd(), start, Linux.SEEK_SET));
        for (long at = start; at < end; ) {
            long copied = Errno.check(operation, Linux.sendfile(to.fd(), from.fd(), Math.min(CHUNK, end - at)));
            if (copied == 0) {
                return false;
            }
            at += copied;
        }
        return true;
    }

    private static long seekData(OpenFile file, long from, long size) {
        long result = Linux.lseek(file.fd(), from, Linux.SEEK_DATA);
        return result == -Errno.ENXIO ? size : Errno.check("read " + file.path(), result);
    }

    private static long seekHole(OpenFile file, long from) {
        return Errno.check("read " + file.path(), Linux.lseek(file.fd(), from, Linux.SEEK_HOLE));
    }
}
