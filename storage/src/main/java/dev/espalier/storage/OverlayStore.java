package dev.espalier.storage;

import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Volumes on a file system that can clone files (XFS, btrfs). A fork of a frozen volume is an overlay mounted over it,
 * however large it is; any other fork is a plain directory into which each file, as seen through the layers, is cloned.
 *
 * <p>PostgreSQL opens every file for writing, even to read it, and overlayfs then brings the file up into the writable
 * layer. Upper and lower layer lie on one file system so that this is a clone and not a copy of up to 1 GiB.
 *
 * <p>Directories of the lower volume cannot be renamed in a fork (EXDEV); PostgreSQL does that only to directories of
 * replication slots.
 */
final class OverlayStore implements VolumeStore {

    private static final String NOT_IN_MOUNT_OPTIONS = ".*[,:\\\\].*";

    private final Volumes volumes;
    private final Layers layers;
    private final TreeCopy clone = new TreeCopy(FileCopier.CLONE);
    private final TreeCopy copy = new TreeCopy(FileCopier.BYTES);
    private final ExclusiveBytes exclusiveBytes;

    /** Held while it is decided, and made to hold, what is mounted over what. */
    private final ReentrantLock lock = new ReentrantLock();

    OverlayStore(Volumes volumes) {
        if (volumes.root().toString().matches(NOT_IN_MOUNT_OPTIONS)) {
            throw new StorageException(
                    "overlays cannot be mounted in " + volumes.root() + ", whose path has a comma, colon or backslash",
                    "Move the data directory, or choose another storage backend");
        }
        this.volumes = volumes;
        this.layers = new Layers(volumes.root());
        this.exclusiveBytes = ExclusiveBytes.byExtents(volumes::isFrozen, this::ownFiles);
    }

    /** Where the files are that only this volume can have: of an overlay, those of its writable layer. */
    private Path ownFiles(VolumeName name) {
        return layers.lowerOf(name).isPresent() ? layers.upper(name) : volumes.path(name);
    }

    @Override
    public Backend backend() {
        return Backend.OVERLAY;
    }

    @Override
    public Capabilities capabilities() {
        return new Capabilities(false, false, true, true);
    }

    @Override
    public Path create(VolumeName name) {
        return volumes.make(name, volumes::hand);
    }

    @Override
    public Path fork(VolumeName source, VolumeName target, Set<String> without) {
        if (isFrozenTree(source)) {
            return volumes.make(target, mountPoint -> overlay(source, target, without));
        }
        try (LayeredDirectory from = resolved(source)) {
            return volumes.make(target, made -> clone.copy(from, made, without));
        }
    }

    private boolean isFrozenTree(VolumeName name) {
        return volumes.isFrozen(name) && layers.lowerOf(name).isEmpty();
    }

    /** The files of a volume where they really lie: those seen through a mount cannot be cloned out of it. */
    private LayeredDirectory resolved(VolumeName name) {
        return layers.lowerOf(name)
                .map(lower -> LayeredDirectory.of(Directory.open(layers.upper(name)), volumes.open(lower)))
                .orElseGet(() -> LayeredDirectory.of(volumes.open(name)));
    }

    private void overlay(VolumeName lower, VolumeName name, Set<String> without) {
        lock.lock();
        try (Directory below = volumes.open(lower)) {
            if (!isFrozenTree(lower)) {
                throw new StorageException("the volume " + lower + " is being deleted");
            }
            layers.make(name, lower, below.asFile().status());
            mount(name, lower);
            try (Directory merged = volumes.open(name)) {
                without.forEach(entry -> empty(merged, entry));
            }
        } catch (StorageException e) {
            throw Volumes.afterUndoing(e, () -> removeOverlay(name));
        } finally {
            lock.unlock();
        }
    }

    private static void empty(Directory directory, String name) {
        directory.status(name).ifPresent(status -> {
            directory.remove(name);
            if (status.isDirectory()) {
                try (Directory emptied = directory.makeDirectory(name)) {
                    emptied.asFile().resemble(status);
                }
            }
        });
    }

    private void mount(VolumeName name, VolumeName lower) {
        requireOneFileSystem(layers.upper(name), volumes.path(lower));
        String options = "lowerdir=" + Linux.bytes(volumes.path(lower)) + ",upperdir=" + Linux.bytes(layers.upper(name))
                + ",workdir=" + Linux.bytes(layers.work(name)) + ",redirect_dir=off,metacopy=off,index=off";
        Errno.check(
                "mount an overlay at " + volumes.path(name),
                Linux.mount(
                        "overlay",
                        volumes.path(name),
                        "overlay",
                        Linux.MS_NOSUID | Linux.MS_NODEV | Linux.MS_NOATIME,
                        options));
    }

    private static void requireOneFileSystem(Path upper, Path lower) {
        try (Directory above = Directory.open(upper);
                Directory below = Directory.open(lower)) {
            if (above.asFile().status().device() != below.asFile().status().device()) {
                throw new StorageException(
                        lower + " and " + upper + " lie on different file systems, so every file that PostgreSQL opens"
                                + " would be copied whole",
                        "Unmount what is mounted there; all volumes must lie on the disk of the data directory");
            }
        }
    }

    @Override
    public void copyDirectory(VolumeName source, String directory, VolumeName target) {
        boolean targetIsOverlay = layers.lowerOf(target).isPresent();
        open(target);
        try (LayeredDirectory from = resolved(source);
                Directory to = volumes.open(target)) {
            // Into a mount nothing can be cloned from outside it.
            (targetIsOverlay ? copy : clone).replaceDirectory(from, directory, to);
        }
    }

    /** An overlay may be frozen too, but its forks still are cloned file by file. */
    @Override
    public void freeze(VolumeName name) {
        volumes.freeze(name);
    }

    @Override
    public Path open(VolumeName name) {
        lock.lock();
        try (Directory volume = volumes.open(name)) {
            if (!volume.asFile().status().mountRoot()) {
                layers.lowerOf(name).ifPresent(lower -> mount(name, lower));
            }
            return volumes.path(name);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public Set<VolumeName> list() {
        return volumes.list();
    }

    @Override
    public void delete(VolumeName name) {
        lock.lock();
        try {
            if (isUsedByForks(name)) {
                throw new StorageException(
                        "the volume " + name + " cannot be deleted: forks of it still read its files",
                        "Delete its forks first");
            }
            volumes.unfreeze(name);
        } finally {
            lock.unlock();
        }
        exclusiveBytes.forget(name);
        if (layers.lowerOf(name).isPresent()) {
            removeOverlay(name);
        }
        volumes.remove(name);
    }

    private void removeOverlay(VolumeName name) {
        unmount(volumes.path(name));
        layers.remove(name);
    }

    /**
     * Unmounts; nothing happens when nothing is mounted. Where a process still has a file open or stands in the directory,
     * the mount is only taken out of the tree and ends with that process: a volume can be deleted under open files, as with
     * every other backend. An ordinary unmount comes first because only after it the lower volume is surely not read any
     * more.
     */
    private static void unmount(Path path) {
        long result = Linux.umount2(path, 0);
        if (result == -Errno.EBUSY) {
            result = Linux.umount2(path, Linux.MNT_DETACH);
        }
        if (result != -Errno.EINVAL) {
            Errno.check("unmount " + path, result);
        }
    }

    @Override
    public boolean isUsedByForks(VolumeName name) {
        return layers.isLower(name);
    }

    @Override
    public long exclusiveBytes(Set<VolumeName> group) {
        return exclusiveBytes.of(group, list());
    }

    @Override
    public long bytesBeside(Path directory, Set<VolumeName> group) {
        return exclusiveBytes.beside(directory, group);
    }

    @Override
    public Space space() {
        return volumes.space();
    }

    @Override
    public void sync() {
        volumes.sync();
    }
}
