package dev.espalier.storage;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * The directory that holds a store's volumes, one directory each, and beside them, in a hidden directory, an empty file
 * for every frozen volume, so that the promise outlives the process. One process at a time may use it.
 */
final class Volumes {

    private static final String FROZEN = ".frozen";
    private static final int OWNER_ONLY = 0x1c0;

    private final Path root;
    private final Owner owner;
    private final List<Path> disks;
    private final Set<VolumeName> frozen = ConcurrentHashMap.newKeySet();

    /**
     * @param root an existing directory
     * @param owner of new volumes
     * @param disks a path on each file system that must have room for volumes to grow: the root's, and what is below it
     */
    Volumes(Path root, Owner owner, List<Path> disks) {
        this.root = root.toAbsolutePath();
        this.owner = owner;
        this.disks = List.copyOf(disks);
        try (Directory directory = openRoot()) {
            if (directory.status(FROZEN).isEmpty()) {
                directory.makeDirectory(FROZEN).close();
            }
        }
        try (Directory directory = Directory.open(root.resolve(FROZEN))) {
            directory.names().forEach(name -> frozen.add(new VolumeName(name)));
        }
    }

    /** Whether volumes have been opened in the directory, be there any or not. */
    static boolean areIn(Path root) {
        try (Directory directory = Directory.open(root)) {
            return directory.names().stream().anyMatch(name -> name.equals(FROZEN) || VolumeName.isValid(name));
        }
    }

    Path root() {
        return root;
    }

    Path path(VolumeName name) {
        return root.resolve(name.value());
    }

    Directory openRoot() {
        return Directory.open(root);
    }

    Directory open(VolumeName name) {
        try (Directory directory = openRoot()) {
            return directory
                    .child(name.value())
                    .orElseThrow(() -> new StorageException("there is no volume " + name + " in " + root));
        }
    }

    Set<VolumeName> list() {
        try (Directory directory = openRoot()) {
            Set<VolumeName> names = new TreeSet<>();
            for (String name : directory.names()) {
                if (VolumeName.isValid(name)
                        && directory
                                .status(name)
                                .filter(FileStatus::isDirectory)
                                .isPresent()) {
                    names.add(new VolumeName(name));
                }
            }
            return names;
        }
    }

    /** Makes a directory for a volume and fills it; when that fails, nothing is left of it. */
    Path make(VolumeName name, Consumer<Directory> filling) {
        Directory made = Directory.make(path(name), OWNER_ONLY);
        try (made) {
            filling.accept(made);
        } catch (StorageException e) {
            throw afterUndoing(e, () -> remove(name));
        }
        return path(name);
    }

    void remove(VolumeName name) {
        try (Directory directory = openRoot()) {
            directory.remove(name.value());
        }
    }

    /** Takes back what was half-made; that it could not be is told with the failure, not instead of it. */
    static StorageException afterUndoing(StorageException failure, Runnable undoing) {
        try {
            undoing.run();
        } catch (StorageException second) {
            failure.addSuppressed(second);
        }
        return failure;
    }

    /** Makes a new volume the store owner's. */
    void hand(Directory volume) {
        volume.asFile().allow(OWNER_ONLY);
        volume.asFile().own(owner);
    }

    void freeze(VolumeName name) {
        if (isFrozen(name)) {
            return;
        }
        try (Directory volume = open(name)) {
            volume.asFile().syncFileSystem();
        }
        try (Directory directory = Directory.open(root.resolve(FROZEN))) {
            directory.makeFile(name.value()).close();
            directory.asFile().sync();
        }
        frozen.add(name);
    }

    /** As {@link #freeze}, where the volume is on the disk already and nothing is lost with the mark. */
    void freezeWhatIsWritten(VolumeName name) {
        open(name).close();
        if (frozen.add(name)) {
            try (Directory directory = Directory.open(root.resolve(FROZEN))) {
                directory.makeFile(name.value()).close();
            }
        }
    }

    boolean isFrozen(VolumeName name) {
        return frozen.contains(name);
    }

    /** Ends the promise: the volume is about to be removed. */
    void unfreeze(VolumeName name) {
        if (frozen.remove(name)) {
            try (Directory directory = Directory.open(root.resolve(FROZEN))) {
                directory.remove(name.value());
            }
        }
    }

    /** These volumes, unless they lie on a file system on which files cannot be cloned: that is refused. */
    Volumes sharingBlocks() {
        String name = ".clone";
        try (Directory directory = openRoot()) {
            directory.remove(name);
            try (Directory trial = directory.makeDirectory(name);
                    OpenFile from = trial.makeFile("from");
                    OpenFile to = trial.makeFile("to")) {
                // The kernel looks at the file system before the content: empty files do.
                if (!FileCopier.tryClone(from, to)) {
                    throw FileCopier.noSharedBlocks("", to);
                }
            } finally {
                directory.remove(name);
            }
        }
        return this;
    }

    void sync() {
        try (Directory directory = openRoot()) {
            directory.asFile().syncFileSystem();
        }
    }

    /** The space of the file system with the least room. */
    Space space() {
        return space(root, disks);
    }

    static Space space(Path root, List<Path> disks) {
        Space least = FileSystem.of(root).space();
        for (Path disk : disks) {
            Space below = FileSystem.of(disk).space();
            least = new Space(
                    Math.min(least.totalBytes(), below.totalBytes()), Math.min(least.freeBytes(), below.freeBytes()));
        }
        return least;
    }
}
