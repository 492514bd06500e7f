package dev.espalier.server;

import dev.espalier.postgres.OsUser;
import dev.espalier.storage.Assessment;
import dev.espalier.storage.Backend;
import dev.espalier.storage.Backends;
import dev.espalier.storage.Owner;
import dev.espalier.storage.Space;
import dev.espalier.storage.StorageException;
import dev.espalier.storage.TrialDirectory;
import dev.espalier.storage.VolumeStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

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

    /** Records the choice, together with the volumes that it holds for; they have been opened. */
    void record(Choice choice) {
        Path unfinished = dataDirectory.resolve("storage-backend.unfinished");
        String id = at(root(choice.backend())).id();
        try {
            Files.writeString(unfinished, choice.backend().name() + "\n" + choice.reason() + "\n" + id + "\n");
            Files.move(unfinished, record(), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new StartException("cannot record the storage backend in " + dataDirectory + ": " + e, e);
        }
    }

    /** What the recorded volumes are known by; empty in a record by hand, or of an older Espalier. */
    private Optional<String> recordedId() {
        try (Stream<String> lines = Files.lines(record())) {
            return lines.skip(2).findFirst().map(String::strip);
        } catch (IOException e) {
            throw new StartException("cannot read " + record() + ": " + e, e);
        }
    }

    /** The volumes, with why they use that backend. */
    record Opened(Choice choice, VolumeStore volumes) {}

    /**
     * Opens the recorded backend, or at the first start the one that is set or the best there is. It is recorded once it is
     * open: one that cannot be used must not bind later starts.
     *
     * @throws StartException if another one is set than the volumes use, or there are volumes whose record is lost
     * @throws StorageException if it cannot be used, or the recorded volumes are not there
     */
    Opened open(Optional<Backend> set) {
        Optional<Choice> recorded = recorded();
        if (recorded.isPresent()) {
            return new Opened(recorded.get(), reopen(recorded.get(), set));
        }
        refuseUnrecorded();
        Choice choice = decide(set);
        VolumeStore volumes = open(choice.backend());
        record(choice);
        return new Opened(choice, volumes);
    }

    private VolumeStore reopen(Choice recorded, Optional<Backend> set) {
        Backend used = recorded.backend();
        if (set.isPresent() && set.get() != used) {
            throw new StartException(disagreement(set.get(), used));
        }
        Optional<String> id = recordedId();
        VolumeStore volumes = at(root(used)).reopen(used, id);
        if (id.isEmpty()) {
            record(recorded);
        }
        return volumes;
    }

    /**
     * Empty volumes beside those that are there would be taken for all there are, and these for what a move has left.
     *
     * @throws StartException if a backend has volumes, and none is recorded
     */
    void refuseUnrecorded() {
        for (Backend backend : Backend.values()) {
            if (isThere(backend) && hasVolumes(backend)) {
                throw new StartException("there are volumes in " + volumes(backend) + ", and " + record()
                        + ", which says which volumes are used, is not there. Put it back, or write " + backend.name()
                        + " into it if those are the right ones.");
            }
        }
    }

    private boolean hasVolumes(Backend backend) {
        try {
            return !at(root(backend))
                    .openToLeave(backend, Optional.empty())
                    .list()
                    .isEmpty();
        } catch (StorageException _) {
            // None has ever been opened there.
            return false;
        }
    }

    private Choice decide(Optional<Backend> set) {
        if (set.isPresent()) {
            require(set.get());
            return new Choice(set.get(), "set by storage.backend");
        }
        Probe found = probe();
        return new Choice(found.best(), found.of(found.best()).reason());
    }

    /**
     * Tries a backend where its volumes will lie.
     *
     * @throws StorageException if it cannot be used there
     */
    void require(Backend backend) {
        boolean isNew = !Files.exists(root(backend));
        Assessment found = at(root(backend)).probe(backend);
        if (found.available()) {
            return;
        }
        if (isNew) {
            clear(backend);
        }
        throw new StorageException(
                "the storage backend " + lower(backend) + " cannot be used in " + dataDirectory + ": " + found.reason(),
                found.fix());
    }

    /** Why a start is refused when another backend is set than the volumes use. */
    static String disagreement(Backend set, Backend used) {
        return "storage.backend is " + lower(set) + ", and the volumes lie in " + lower(used)
                + ". Move them with ./espalier storage move " + lower(set) + ", or set storage.backend=" + lower(used)
                + ".";
    }

    /**
     * What a probe has found.
     *
     * @param assessments of every backend, best first
     * @param best the one that is chosen if none is set
     */
    record Probe(List<Assessment> assessments, Backend best) {

        Assessment of(Backend backend) {
            return assessments.stream()
                    .filter(assessment -> assessment.backend() == backend)
                    .findFirst()
                    .orElseThrow();
        }
    }

    /**
     * Tries every backend where the data are or will be, in a directory that is gone afterwards.
     *
     * @throws StartException if nothing can be written there
     */
    Probe probe() {
        Path place = existing(dataDirectory);
        try (TrialDirectory trial = TrialDirectory.in(place)) {
            Backends backends = at(trial.path());
            List<Assessment> assessments = backends.probe();
            return new Probe(assessments, backends.choose(assessments));
        } catch (IOException e) {
            throw new StartException(
                    "cannot write in " + place + ": " + e + ". Run as a user who can, or name another data.directory.",
                    e);
        }
    }

    /** The directory, or the nearest one above that is there. */
    static Path existing(Path directory) {
        Path place = directory.toAbsolutePath();
        while (!Files.isDirectory(place) && place.getParent() != null) {
            place = place.getParent();
        }
        return place;
    }

    VolumeStore open(Backend backend) {
        return at(root(backend)).open(backend);
    }

    /** The recorded volumes, to read and delete them, also where the backend can make no others. */
    VolumeStore openToLeave(Backend recorded) {
        return at(root(recorded)).openToLeave(recorded, recordedId());
    }

    /** Why the recorded volumes would not be opened, without mounting or making anything. */
    Optional<StorageException> missing(Backend recorded) {
        return at(root(recorded)).missing(recordedId());
    }

    /** Room for volumes, without mounting or making anything; empty where they are not there, or not mounted. */
    Optional<Space> space(Backend backend) {
        return at(root(backend)).space(backend);
    }

    /** Deletes all volumes of a backend with their archives and the image; nothing happens when there are none. */
    void clear(Backend backend) {
        Path root = root(backend);
        at(root).clear(backend);
        try {
            // A file system that somebody has mounted for the volumes stays where it is.
            if (!Files.exists(volumes(backend))) {
                Files.deleteIfExists(root);
            }
        } catch (IOException e) {
            throw new StartException("cannot delete " + root + ": " + e + ". Look what is in it, and delete it.", e);
        }
    }

    /** Whether a backend has, or an interrupted move has left, something in the data directory. */
    boolean isThere(Backend backend) {
        return at(root(backend)).isThere();
    }

    /** Where the backend's volumes lie. */
    Path volumes(Backend backend) {
        return root(backend).resolve("volumes");
    }

    private Path root(Backend backend) {
        return dataDirectory.resolve(lower(backend));
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
