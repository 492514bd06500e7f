package dev.espalier.storage;

import java.nio.file.Path;
import java.util.Set;

/**
 * Volumes that are btrfs subvolumes side by side. A fork is one snapshot: atomic, on the disk when it returns, and as
 * quick for a large volume as for a small one. All of it works for an ordinary user who owns the root directory.
 *
 * <p>A snapshot takes everything: what a running server left behind ({@code postmaster.pid}, temporary files) is the
 * caller's to remove from the fork.
 */
final class BtrfsStore implements VolumeStore {

    private final Volumes volumes;
    private final TreeCopy copy = new TreeCopy(FileCopier.CLONE);
    private final ExclusiveBytes exclusiveBytes;

    BtrfsStore(Volumes volumes) {
        this.volumes = volumes;
        this.exclusiveBytes = ExclusiveBytes.byExtents(volumes::isFrozen, volumes::path);
    }

    @Override
    public Backend backend() {
        return Backend.BTRFS;
    }

    @Override
    public Capabilities capabilities() {
        return new Capabilities(true, true, true, true);
    }

    @Override
    public Path create(VolumeName name) {
        try (Directory root = volumes.openRoot()) {
            Errno.check("make the subvolume " + volumes.path(name), Btrfs.createSubvolume(root, name.value()));
        }
        try (Directory made = volumes.open(name)) {
            volumes.hand(made);
        } catch (StorageException e) {
            throw Volumes.afterUndoing(e, () -> delete(name));
        }
        return volumes.path(name);
    }

    @Override
    public Path fork(VolumeName source, VolumeName target, Set<String> without) {
        if (!without.isEmpty()) {
            throw new IllegalArgumentException("a snapshot takes everything, it cannot leave out " + without);
        }
        try (Directory from = volumes.open(source);
                Directory root = volumes.openRoot()) {
            Errno.check(
                    "snapshot " + from.path() + " as " + volumes.path(target),
                    Btrfs.snapshot(from, root, target.value()));
        }
        return volumes.path(target);
    }

    @Override
    public void copyDirectory(VolumeName source, String directory, VolumeName target) {
        try (LayeredDirectory from = LayeredDirectory.of(volumes.open(source));
                Directory to = volumes.open(target)) {
            copy.replaceDirectory(from, directory, to);
        }
    }

    /** A snapshot is on the disk when it is made; to write out the file system here would make every server on it wait. */
    @Override
    public void freeze(VolumeName name) {
        volumes.freezeWhatIsWritten(name);
    }

    @Override
    public Path open(VolumeName name) {
        volumes.open(name).close();
        return volumes.path(name);
    }

    @Override
    public Set<VolumeName> list() {
        return volumes.list();
    }

    @Override
    public void delete(VolumeName name) {
        volumes.unfreeze(name);
        exclusiveBytes.forget(name);
        try (Directory root = volumes.openRoot()) {
            long result = Btrfs.destroySubvolume(root, name.value());
            if (result == -Errno.ENOENT) {
                return;
            }
            if (isOrdinaryUserRefused(result)) {
                root.remove(name.value());
            } else {
                Errno.check("remove the subvolume " + volumes.path(name), result);
            }
        }
    }

    /**
     * Without the mount option {@code user_subvol_rm_allowed} only root may remove a subvolume with its content; its
     * owner may empty it and remove it as a directory.
     */
    private static boolean isOrdinaryUserRefused(long result) {
        return (result == -Errno.EPERM || result == -Errno.EACCES)
                && !Owner.ofThisProcess().isRoot();
    }

    @Override
    public boolean isUsedByForks(VolumeName name) {
        return false;
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
