package dev.espalier.engine;

import dev.espalier.storage.Space;
import java.util.Locale;

/** The file system is too full for another copy. */
public final class StorageFullException extends EngineException {

    private static final long serialVersionUID = 1L;

    StorageFullException(Space space) {
        super(String.format(
                Locale.ROOT,
                "the storage is %.0f %% full (%d MiB left), and no new copies are made from %.0f %% on. Delete branches, "
                        + "shorten the projects' history, or enlarge the file system.",
                space.used() * 100,
                space.freeBytes() >> 20,
                Engine.FULL * 100));
    }
}
