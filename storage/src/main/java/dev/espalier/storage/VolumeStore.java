package dev.espalier.storage;

import java.nio.file.Path;
import java.util.Set;

/**
 * Volumes that share blocks. A volume is a directory that holds exactly one PostgreSQL data directory. Every method is
 * synchronous, throws {@link StorageException}, and leaves either the whole effect or none: a target that could not be
 * completed is removed. A crash between may leave a volume behind; the caller finds it with {@link #list} and deletes it.
 *
 * <p>A fork that has been returned survives a loss of power. Many threads may use a store at once, on different volumes;
 * only one process may use it. The caller sees to it that a volume is not deleted while it is being forked.
 */
public interface VolumeStore {

    Backend backend();

    Capabilities capabilities();

    /** Makes an empty, writable volume with mode 0700 that belongs to the store's owner. */
    Path create(VolumeName name);

    /**
     * Makes {@code target}, a writable volume with the content of {@code source}, owners and modes included.
     *
     * <p>Unless {@link Capabilities#atomicFork} holds or the source is frozen or at rest, the caller must have put the
     * source into backup mode, and files that vanish or grow meanwhile are copied as far as they are there.
     *
     * <p>What a running server leaves in its directory must not be found by another one. Where files are copied one by one
     * ({@code postmaster.pid}, {@code postmaster.opts}, the content of {@code pgsql_tmp*}) they are left out. A snapshot or
     * an overlay takes everything: unless the source was stopped, the caller removes them from the fork.
     *
     * @param without top-level entries of the volume to leave out (their directory is made, empty); must be empty where
     *     the fork is atomic
     */
    Path fork(VolumeName source, VolumeName target, Set<String> without);

    /**
     * Copies one top-level directory of {@code source} into the same place of {@code target}, replacing it. For what must
     * be copied after the rest (the write-ahead log of a backup).
     */
    void copyDirectory(VolumeName source, String directory, VolumeName target);

    /** Promises that the volume will not be written any more, so that forks of it can be made in constant time. */
    void freeze(VolumeName name);

    /** Where the volume's files are; makes them reachable first where that needs a mount. */
    Path open(VolumeName name);

    /** All volumes, also half-made ones. */
    Set<VolumeName> list();

    /**
     * Removes the volume, also under files that are still open; nothing happens when there is none. Refused while a fork of
     * it still reads from it.
     */
    void delete(VolumeName name);

    /** True while a fork still reads from this volume's files, so that it cannot be deleted. */
    boolean isUsedByForks(VolumeName name);

    /**
     * Bytes that deleting all of {@code group} together would free: extents that no volume outside the group holds. Metadata
     * of the file system is not counted. The cost grows with the files of the group, and, where they share blocks that no
     * frozen volume holds, with those of the other volumes.
     */
    long exclusiveBytes(Set<VolumeName> group);

    /** Bytes that the files below a directory beside the volumes hold, and the group does not hold too. */
    long bytesBeside(Path directory, Set<VolumeName> group);

    Space space();

    /** Returns when everything that had been written to any volume is on the disk. */
    void sync();
}
