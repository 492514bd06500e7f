package dev.espalier.storage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Finds out which backends work for a data directory, and opens one. Volumes lie in {@code volumes} below it; where an
 * image of btrfs is used, that is {@code volumes.btrfs} beside it.
 */
public final class Backends {

    private final Path dataDirectory;
    private final Path root;
    private final Owner owner;
    private final BtrfsImage image;

    /**
     * @param dataDirectory of Espalier, made if it is not there
     * @param owner of new volumes: the user PostgreSQL runs as
     */
    public Backends(Path dataDirectory, Owner owner) {
        this(dataDirectory, owner, BtrfsImage.AUTOMATIC);
    }

    /** @param imageBytes size of the image of btrfs, should one have to be made */
    public Backends(Path dataDirectory, Owner owner, long imageBytes) {
        this.dataDirectory = dataDirectory.toAbsolutePath();
        this.root = this.dataDirectory.resolve("volumes");
        this.owner = owner;
        this.image = new BtrfsImage(this.dataDirectory.resolve("volumes.btrfs"), root, imageBytes);
    }

    /** Tries every backend where the volumes will lie, best first, and removes what that made. */
    public List<Assessment> probe() {
        return Arrays.stream(Backend.values()).map(this::probe).toList();
    }

    /** The same of one backend. */
    public Assessment probe(Backend backend) {
        makeRoot();
        return new Trial(root).of(backend);
    }

    /**
     * The first available backend. An image of btrfs counts as available only where the disk itself cannot share blocks,
     * because it puts a second file system below the volumes.
     *
     * @throws StorageException if not even a copy can be made
     */
    public Backend choose() {
        return choose(probe());
    }

    /** The same, when it is known what {@link #probe} finds. */
    public Backend choose(List<Assessment> assessments) {
        Set<Backend> available = EnumSet.noneOf(Backend.class);
        assessments.stream()
                .filter(Assessment::available)
                .map(Assessment::backend)
                .forEach(available::add);
        if (available.contains(Backend.REFLINK) && !FileSystem.of(root).isBtrfs()) {
            available.remove(Backend.BTRFS);
        }
        return available.stream().findFirst().orElseThrow(() -> {
            Assessment last = assessments.getLast();
            return new StorageException(last.reason(), last.fix());
        });
    }

    /** Opens the volumes with a backend, mounting what that needs; for an image of btrfs also making it. */
    public VolumeStore open(Backend backend) {
        makeRoot();
        if (backend == Backend.BTRFS && !FileSystem.of(root).isBtrfs()) {
            mountImage();
        }
        return sharing(backend);
    }

    private VolumeStore sharing(Backend backend) {
        Volumes volumes = volumes();
        return store(
                backend, backend == Backend.OVERLAY || backend == Backend.REFLINK ? volumes.sharingBlocks() : volumes);
    }

    /**
     * Opens volumes that were opened before. Makes none: where their file system is not mounted, an empty directory would pass
     * for them.
     *
     * @param id what {@link #id} has told of them; empty where it has not been asked yet
     * @throws StorageException if they are not there
     */
    public VolumeStore reopen(Backend backend, Optional<String> id) {
        require(id);
        return sharing(backend);
    }

    /** As {@link #reopen}, to read and delete the volumes, also where the backend can make no others. */
    public VolumeStore openToLeave(Backend backend, Optional<String> id) {
        require(id);
        return leave(backend);
    }

    private VolumeStore leave(Backend backend) {
        mountWhatIsThere();
        return store(backend, volumes());
    }

    private void require(Optional<String> id) {
        mountWhatIsThere();
        problem(id).ifPresent(problem -> {
            throw problem;
        });
    }

    /**
     * Why {@link #reopen} would be refused; mounts nothing. Of volumes in an image that is not mounted it is not known.
     */
    public Optional<StorageException> missing(Optional<String> id) {
        return image.isWhole() && !BtrfsImage.isMountPoint(root) ? Optional.empty() : problem(id);
    }

    private Optional<StorageException> problem(Optional<String> id) {
        boolean any = Files.isDirectory(root) && Volumes.areIn(root);
        if (id.isEmpty() ? any : id.equals(new VolumesId(root).read())) {
            return Optional.empty();
        }
        return Optional.of(
                any
                        ? new StorageException(
                                "the volumes in " + root
                                        + " are others than those that are recorded, or have lost their id",
                                "Mount the right ones there; if these are, write " + id.orElse("") + " into the file "
                                        + root.resolve(VolumesId.NAME))
                        : new StorageException(
                                "the volumes are not in " + root
                                        + ": what they lie on is not mounted, or they are gone",
                                "Mount their file system there, or put " + image.path()
                                        + " back if they lay in that image; if "
                                        + "they are lost for good, begin anew with an empty data directory"));
    }

    /** What tells these volumes from all others; given to those that have been opened and have none yet. */
    public String id() {
        return new VolumesId(root).make();
    }

    private void mountWhatIsThere() {
        makeRoot();
        if (image.isWhole()) {
            mountImage();
        }
    }

    private void mountImage() {
        image.ensureMounted();
        allowTraversal();
    }

    private Volumes volumes() {
        return new Volumes(root, owner, List.of(dataDirectory));
    }

    private static VolumeStore store(Backend backend, Volumes volumes) {
        return switch (backend) {
            case BTRFS -> new BtrfsStore(volumes);
            case OVERLAY -> new OverlayStore(volumes);
            case REFLINK -> TreeStore.cloning(volumes);
            case COPY -> TreeStore.copying(volumes);
        };
    }

    /** Room for volumes, without mounting or making anything; empty where they are not there, or not mounted. */
    public Optional<Space> space(Backend backend) {
        boolean there = Files.isDirectory(root)
                && (backend != Backend.BTRFS || FileSystem.of(root).isBtrfs());
        return there ? Optional.of(Volumes.space(root, List.of(dataDirectory))) : Optional.empty();
    }

    /**
     * Deletes all volumes of a backend and whatever else lies beside them, with the image where there is one, so that their
     * room is free again. Nothing happens when nothing is there. A file system that others have mounted stays, empty.
     */
    public void clear(Backend backend) {
        if (!isThere()) {
            return;
        }
        // With all that is in it, even if it can no longer be mounted.
        image.remove();
        VolumeStore store = leave(backend);
        // A base goes after the forks that read from it.
        for (Set<VolumeName> left = store.list(); !left.isEmpty(); left = store.list()) {
            List<VolumeName> free =
                    left.stream().filter(volume -> !store.isUsedByForks(volume)).toList();
            if (free.isEmpty()) {
                throw new StorageException(
                        "volumes in " + root + " are still used by others: " + left, "Delete " + root + " by hand");
            }
            free.forEach(store::delete);
        }
        try (Directory directory = Directory.open(root)) {
            TrialDirectory.removeLeft(directory, root);
            directory.removeContent();
        }
        if (!BtrfsImage.isMountPoint(root)) {
            try (Directory parent = Directory.open(dataDirectory)) {
                parent.remove(root.getFileName().toString());
            }
        }
    }

    /** Whether there is anything that {@link #clear} would delete. */
    public boolean isThere() {
        if (image.isThere() || !Files.isDirectory(root)) {
            return image.isThere();
        }
        try (Directory directory = Directory.open(root)) {
            return !BtrfsImage.isMountPoint(root) || !directory.names().isEmpty();
        }
    }

    private void makeRoot() {
        try {
            if (!Files.exists(root)) {
                Files.createDirectories(root);
                allowTraversal();
            }
        } catch (IOException e) {
            throw new StorageException(
                    "cannot make " + root + ": " + e.getMessage(), "Let Espalier write in its data directory", e);
        }
    }

    /** PostgreSQL, another user when Espalier is root, must get to its volume, but need not see the others' names. */
    private void allowTraversal() {
        try (Directory directory = Directory.open(root)) {
            directory.asFile().allow(0b111_001_001);
        }
    }
}
