package dev.espalier.storage;

import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/**
 * The space that the files below a directory take. Metadata of the file system is not counted. A compressed file counts
 * with its uncompressed length, because that is what the kernel reports.
 *
 * @param alone bytes that no file outside holds
 * @param perhapsShared where the others lie
 */
record Occupied(long alone, Extents perhapsShared) {

    /**
     * By extents.
     *
     * @param lasting the answer will be used later, when what is unshared now may have become shared: nothing that has a
     *     place on the disk counts as alone
     */
    static Occupied byExtents(Path directory, boolean lasting) {
        try (ExtentScan scan = new ExtentScan(lasting)) {
            scan.start(directory);
            return new Occupied(scan.alone, scan.perhapsShared.extents());
        }
    }

    /** By allocated blocks, all of which count as alone: for files that share nothing. */
    static Occupied byBlocks(Path directory) {
        BlockScan scan = new BlockScan();
        scan.start(directory);
        return new Occupied(scan.alone, Extents.NONE);
    }

    /** Visits each file once, however many names it has. */
    private abstract static class Scan {

        private final Set<Long> seen = new HashSet<>();
        long alone;

        /** A directory that is being deleted holds nothing. */
        void start(Path top) {
            Directory.openIfThere(top).ifPresent(directory -> {
                try (directory) {
                    directory(directory);
                }
            });
        }

        private void directory(Directory directory) {
            for (String name : directory.names()) {
                directory.status(name).ifPresent(status -> {
                    if (status.isDirectory()) {
                        subdirectory(directory, name);
                    } else if (status.isRegularFile() && (status.links() == 1 || seen.add(status.inode()))) {
                        file(directory, name, status);
                    }
                });
            }
        }

        private void subdirectory(Directory directory, String name) {
            directory.child(name).ifPresent(child -> {
                try (child) {
                    directory(child);
                }
            });
        }

        abstract void file(Directory directory, String name, FileStatus status);
    }

    private static final class BlockScan extends Scan {

        @Override
        void file(Directory directory, String name, FileStatus status) {
            alone += status.blocks() * FileStatus.BLOCK;
        }
    }

    private static final class ExtentScan extends Scan implements Fiemap.Receiver, AutoCloseable {

        private final Fiemap fiemap = new Fiemap();
        private final Extents.Collector perhapsShared = new Extents.Collector();
        private final boolean lasting;

        ExtentScan(boolean lasting) {
            this.lasting = lasting;
        }

        /** Where the file system cannot tell extents, it cannot be known what is shared: all blocks count. */
        @Override
        void file(Directory directory, String name, FileStatus status) {
            directory.read(name).ifPresent(file -> {
                try (file) {
                    if (!fiemap.read(file, this)) {
                        alone += status.blocks() * FileStatus.BLOCK;
                    }
                }
            });
        }

        @Override
        public void at(long start, long end, boolean shared) {
            if (shared || lasting) {
                perhapsShared.add(start, end);
            } else {
                alone += end - start;
            }
        }

        @Override
        public void nowhere(long bytes) {
            alone += bytes;
        }

        @Override
        public void close() {
            fiemap.close();
        }
    }
}
