package dev.espalier.engine;

import dev.espalier.storage.NoSpaceException;
import dev.espalier.storage.Space;
import dev.espalier.storage.VolumeName;
import java.io.UncheckedIOException;
import java.util.Locale;

/** The file system is too full for another copy. */
public final class StorageFullException extends EngineException {

    private static final long serialVersionUID = 1L;

    private static final String FIX = " Delete branches, shorten the projects' history, or enlarge the file system.";

    StorageFullException(Space space) {
        super(String.format(
                        Locale.ROOT,
                        "the storage is %.0f %% full (%d MiB left), and no new copies are made from %.0f %% on.",
                        space.used() * 100,
                        space.freeBytes() >> 20,
                        Engine.FULL * 100)
                + FIX);
    }

    /**
     * @param bytes what a copy of the volume takes
     * @param space what is left for it
     */
    StorageFullException(VolumeName source, long bytes, Space space) {
        super(String.format(
                        Locale.ROOT,
                        "a copy of %s takes %d MiB, of %d MiB that are left, and none is made that leaves the storage %.0f %% full.",
                        source,
                        bytes >> 20,
                        Math.max(0, space.freeBytes()) >> 20,
                        Engine.FULL * 100)
                + FIX
                + " On btrfs or XFS, copies share blocks: ./espalier doctor names the backends that can be used.");
    }

    StorageFullException(NoSpaceException cause) {
        super(String.valueOf(cause.getMessage()), cause);
    }

    /** @param cause of which {@link NoSpaceException#isBehind} holds */
    StorageFullException(UncheckedIOException cause) {
        super("there is no room for the copy: " + String.valueOf(cause.getCause()) + "." + FIX, cause);
    }
}
