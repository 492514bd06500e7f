package dev.espalier.storage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import java.util.UUID;

/** A file beside volumes by which they are known again: on the same file system as they, it is there when they are. */
final class VolumesId {

    static final String NAME = ".id";

    private final Path root;

    VolumesId(Path root) {
        this.root = root;
    }

    /** Empty where there is none. */
    Optional<String> read() {
        Path file = root.resolve(NAME);
        try {
            return Files.exists(file) ? Optional.of(Files.readString(file).strip()) : Optional.empty();
        } catch (IOException e) {
            throw new StorageException(
                    "cannot read " + file + ": " + e.getMessage(), "Let Espalier read in its data directory", e);
        }
    }

    /** The one that is there, or else a new one; on the disk when this returns. */
    String make() {
        return read().orElseGet(this::write);
    }

    private String write() {
        String id = UUID.randomUUID().toString();
        Path unfinished = root.resolve(NAME + ".unfinished");
        try (Directory directory = Directory.open(root)) {
            Files.writeString(unfinished, id);
            Files.move(unfinished, root.resolve(NAME), StandardCopyOption.ATOMIC_MOVE);
            directory.asFile().syncFileSystem();
            return id;
        } catch (IOException e) {
            throw new StorageException(
                    "cannot write " + unfinished + ": " + e.getMessage(),
                    "Let Espalier write in its data directory",
                    e);
        }
    }
}
