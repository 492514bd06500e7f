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
import java.nio.file.StandardCopyOption;
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

    /**
     * A choice that has been made.
     *
     * @param reason why, in the words of the probe at that time
     */
    record Choice(Backend backend, String reason) {}

    /** The recorded choice; empty before the first start. */
    Optional<Choice> recorded() {
        Path record = record();
        try {
            if (!Files.exists(record)) {
                return Optional.empty();
            }
            List<String> lines = Files.readAllLines(record);
            return Optional.of(new Choice(
                    Backend.valueOf(lines.getFirst().strip()), lines.size() > 1 ? lines.get(1) : "chosen by hand"));
        } catch (IOException | IllegalArgumentException | java.util.NoSuchElementException e) {
            throw new StartException(
                    "the record of the storage backend in " + record
                            + " cannot be read. Write BTRFS, OVERLAY, REFLINK or COPY into it, whichever the volumes use.",
                    e);
        }
    }

    void record(Choice choice) {
        Path unfinished = dataDirectory.resolve("storage-backend.unfinished");
        try {
            Files.writeString(unfinished, choice.backend().name() + "\n" + choice.reason() + "\n");
            Files.move(unfinished, record(), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new StartException("cannot record the storage backend in " + dataDirectory + ": " + e, e);
        }
    }

    /**
     * The backend to use: the recorded one, or at the first start the one that is set or the best there is.
     *
     * @throws StartException if another one is set than the volumes use
     */
    Choice decide(Optional<Backend> set) {
        Optional<Choice> recorded = recorded();
        if (recorded.isPresent()) {
            Backend used = recorded.get().backend();
            if (set.isPresent() && set.get() != used) {
                throw new StartException("storage.backend is " + lower(set.get()) + ", and the volumes lie in "
                        + lower(used) + ". Move them with ./espalier storage move " + lower(set.get())
                        + ", or set storage.backend=" + lower(used) + ".");
            }
            return recorded.get();
        }
        Choice choice = set.map(backend -> new Choice(backend, "set by storage.backend"))
                .orElseGet(() -> {
                    Backend best = best();
                    return new Choice(best, reason(best));
                });
        record(choice);
        return choice;
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
    private String reason(Backend backend) {
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
