package dev.espalier.server;

import dev.espalier.postgres.OsUser;
import dev.espalier.storage.Assessment;
import dev.espalier.storage.Backend;
import dev.espalier.storage.Backends;
import dev.espalier.storage.Owner;
import dev.espalier.storage.VolumeStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Which backend a data directory uses. The choice is made at the first start and recorded, because volumes do not move by
 * themselves. Each backend has a directory of its own below the data directory.
 */
final class Storage {

    private final Path dataDirectory;
    private final Owner owner;
    private final OptionalLong imageBytes;

    Storage(Path dataDirectory, OsUser user, OptionalLong imageBytes) {
        this.dataDirectory = dataDirectory;
        this.owner = new Owner(user.uid(), user.gid());
        this.imageBytes = imageBytes;
    }

    /** The recorded backend; empty before the first start. */
    Optional<Backend> recorded() {
        Path record = record();
        try {
            return Files.exists(record)
                    ? Optional.of(Backend.valueOf(Files.readString(record).strip()))
                    : Optional.empty();
        } catch (IOException | IllegalArgumentException e) {
            throw new StartException(
                    "the record of the storage backend in " + record
                            + " cannot be read. Write BTRFS, OVERLAY, REFLINK or COPY into it, whichever the volumes use.",
                    e);
        }
    }

    void record(Backend backend) {
        Path unfinished = dataDirectory.resolve("storage-backend.unfinished");
        try {
            Files.writeString(unfinished, backend.name());
            Files.move(unfinished, record(), java.nio.file.StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new StartException("cannot record the storage backend in " + dataDirectory + ": " + e, e);
        }
    }

    /**
     * The backend to use: the recorded one, or at the first start the one that is set or the best there is.
     *
     * @throws StartException if another one is set than the volumes use
     */
    Backend decide(Optional<Backend> set) {
        Optional<Backend> recorded = recorded();
        if (recorded.isPresent()) {
            if (set.isPresent() && !set.equals(recorded)) {
                throw new StartException("storage.backend is " + lower(set.get()) + ", and the volumes lie in "
                        + lower(recorded.get()) + ". Move them with ./espalier storage move " + lower(set.get())
                        + ", or set storage.backend=" + lower(recorded.get()) + ".");
            }
            return recorded.get();
        }
        Backend backend = set.orElseGet(this::best);
        record(backend);
        return backend;
    }

    /** The best backend there is. */
    Backend best() {
        return probe().choose();
    }

    /** What each backend needs, and whether it is there. */
    List<Assessment> assess() {
        return probe().probe();
    }

    /** Why this backend, in the words of the probe. */
    String reason(Backend backend) {
        return assess().stream()
                .filter(assessment -> assessment.backend() == backend)
                .map(Assessment::reason)
                .findFirst()
                .orElse("");
    }

    VolumeStore open(Backend backend) {
        return at(root(backend)).open(backend);
    }

    /** Where the backend's volumes lie. */
    Path volumes(Backend backend) {
        return root(backend).resolve("volumes");
    }

    private Path root(Backend backend) {
        return dataDirectory.resolve(lower(backend));
    }

    private Backends probe() {
        return at(dataDirectory.resolve("probe"));
    }

    private Backends at(Path directory) {
        return imageBytes.isPresent()
                ? new Backends(directory, owner, imageBytes.getAsLong())
                : new Backends(directory, owner);
    }

    private Path record() {
        return dataDirectory.resolve("storage-backend");
    }

    static String lower(Backend backend) {
        return backend.name().toLowerCase(Locale.ROOT);
    }
}
