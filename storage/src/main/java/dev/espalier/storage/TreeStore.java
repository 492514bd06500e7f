package dev.espalier.storage;

import java.nio.file.Path;
import java.util.Set;

/** Volumes that are plain directories; a fork clones or copies file by file. */
final class TreeStore implements VolumeStore {

    private final Backend backend;
    private final Volumes volumes;
    private final TreeCopy copy;
    private final ExclusiveBytes exclusiveBytes;

    private TreeStore(Backend backend, Volumes volumes, FileCopier copier, ExclusiveBytes exclusiveBytes) {
        this.backend = backend;
        this.volumes = volumes;
        this.copy = new TreeCopy(copier);
        this.exclusiveBytes = exclusiveBytes;
    }

    /** A store whose forks share blocks; the volumes must lie on a file system that can clone files. */
    static TreeStore cloning(Volumes volumes) {
        return new TreeStore(
                Backend.REFLINK, volumes, FileCopier.CLONE, ExclusiveBytes.byExtents(volumes::isFrozen, volumes::path));
    }

    /** A store whose forks share nothing. */
    static TreeStore copying(Volumes volumes) {
        return new TreeStore(Backend.COPY, volumes, FileCopier.BYTES, ExclusiveBytes.byBlocks(volumes::path));
    }

    @Override
    public Backend backend() {
        return backend;
    }

    @Override
    public Capabilities capabilities() {
        return new Capabilities(false, false, false, backend == Backend.REFLINK);
    }

    @Override
    public Path create(VolumeName name) {
        return volumes.make(name, volumes::hand);
    }

    @Override
    public Path fork(VolumeName source, VolumeName target, Set<String> without) {
        try (LayeredDirectory from = LayeredDirectory.of(volumes.open(source))) {
            return volumes.make(target, made -> copy.copy(from, made, without));
        }
    }

    @Override
    public void copyDirectory(VolumeName source, String directory, VolumeName target) {
        try (LayeredDirectory from = LayeredDirectory.of(volumes.open(source));
                Directory to = volumes.open(target)) {
            copy.replaceDirectory(from, directory, to);
        }
    }

    @Override
    public void freeze(VolumeName name) {
        volumes.freeze(name);
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
        volumes.remove(name);
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
