package dev.espalier.storage;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/** Tries backends in a directory by making, forking, writing and deleting a small volume; leaves nothing behind. */
final class Trial {

    private static final long SMALLEST_IMAGE = 128L << 20;
    private static final VolumeName ORIGIN = new VolumeName("origin");
    private static final VolumeName FORK = new VolumeName("fork");
    private static final String FILE = "file";

    private final Path directory;

    Trial(Path directory) {
        this.directory = directory;
    }

    Assessment of(Backend backend) {
        return switch (backend) {
            case BTRFS -> FileSystem.of(directory).isBtrfs() ? btrfs() : btrfsImage();
            case OVERLAY -> overlay();
            case REFLINK ->
                tried(backend, "files share blocks here", volumes -> TreeStore.cloning(volumes.sharingBlocks()));
            case COPY -> tried(backend, "every byte is copied, on any disk", TreeStore::copying);
        };
    }

    private Assessment btrfs() {
        return tried(Backend.BTRFS, "the disk is btrfs", BtrfsStore::new);
    }

    private Assessment btrfsImage() {
        String disk = "the disk is " + FileSystem.of(directory).name() + ", not btrfs";
        if (!Owner.ofThisProcess().isRoot()) {
            return Assessment.unavailable(
                    Backend.BTRFS,
                    disk + ", and only root can mount an image of btrfs",
                    "Run Espalier as root with btrfs-progs installed (apt-get install btrfs-progs), so that it can make"
                            + " an image, or put the data directory on btrfs");
        }
        return inTemporaryDirectory(Backend.BTRFS, temporary -> {
            BtrfsImage image = new BtrfsImage(temporary.resolve("image"), temporary.resolve("mounted"), SMALLEST_IMAGE);
            image.ensureMounted();
            exercise(new BtrfsStore(volumes(temporary.resolve("mounted"))));
            return disk + ", but an image of btrfs can be mounted";
        });
    }

    private Assessment overlay() {
        if (!Owner.ofThisProcess().isRoot()) {
            return Assessment.unavailable(Backend.OVERLAY, "only root can mount an overlay", "Run Espalier as root");
        }
        return tried(
                Backend.OVERLAY,
                "files share blocks here and overlays can be mounted",
                volumes -> new OverlayStore(volumes.sharingBlocks()));
    }

    private Assessment tried(Backend backend, String success, Function<Volumes, VolumeStore> opening) {
        return inTemporaryDirectory(backend, temporary -> {
            exercise(opening.apply(volumes(temporary)));
            return success;
        });
    }

    private static Volumes volumes(Path root) {
        return new Volumes(root, Owner.ofThisProcess(), List.of());
    }

    private static void exercise(VolumeStore store) {
        try {
            Files.writeString(store.create(ORIGIN).resolve(FILE), "origin");
            store.freeze(ORIGIN);
            Files.writeString(store.fork(ORIGIN, FORK, Set.of()).resolve(FILE), "fork");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            store.delete(FORK);
            store.delete(ORIGIN);
        }
    }

    private Assessment inTemporaryDirectory(Backend backend, Function<Path, String> trial) {
        try (TrialDirectory temporary = TrialDirectory.in(directory)) {
            return Assessment.available(backend, trial.apply(temporary.path()));
        } catch (StorageException e) {
            return Assessment.unavailable(backend, e.reason(), e.fix());
        } catch (IOException | UncheckedIOException e) {
            return Assessment.unavailable(
                    backend, "cannot write in " + directory + ": " + e, "Let Espalier write in its data directory");
        }
    }
}
