package dev.espalier.server;

import dev.espalier.engine.Padding;
import dev.espalier.postgres.OsUser;
import dev.espalier.postgres.RunningServers;
import dev.espalier.postgres.WalSegments;
import dev.espalier.storage.Backend;
import dev.espalier.storage.NoSpaceException;
import dev.espalier.storage.StorageException;
import dev.espalier.storage.VolumeName;
import dev.espalier.storage.VolumeStore;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Set;

/**
 * Moves all volumes and their archives to another backend while no server runs. Everything is copied first; the record of
 * the backend then changes at once, and only after that the old volumes are deleted, with their archives and the image that
 * they lay in. A move that is interrupted before has changed nothing and can be repeated; the next one deletes what an
 * interrupted one has left.
 */
final class StorageMove {

    private final Settings settings;

    StorageMove(Settings settings) {
        this.settings = settings;
    }

    private static StartException nothingToMove(Storage storage) {
        storage.refuseUnrecorded();
        return new StartException("there are no volumes yet. Set storage.backend and start the server instead.");
    }

    void to(Backend target) {
        try (Home home = Home.open(settings.home())) {
            OsUser user = OsUser.forPostgres(settings.systemUser());
            Path data = home.dataDirectory(settings.dataDirectory(), user);
            Storage storage = new Storage(data, user, settings.imageBytes());
            Backend source = storage.recorded().map(Storage.Choice::backend).orElseThrow(() -> nothingToMove(storage));
            // A server that a killed Espalier has left behind still writes.
            RunningServers.stopAll(data);
            // Before anything is deleted: volumes that are not mounted are not lost.
            VolumeStore from = storage.openToLeave(source);
            // What an interrupted move has left.
            boolean cleared = clearAllBut(source, storage);
            if (source == target) {
                if (cleared) {
                    System.err.println("what an interrupted move had left is deleted");
                    return;
                }
                throw new StartException("the volumes are in " + Storage.lower(target) + " already.");
            }
            storage.require(target);
            Set<VolumeName> volumes = from.list();
            try {
                copyAll(from, source, storage.open(target), target, storage, user);
            } catch (StartException | StorageException e) {
                if (NoSpaceException.isBehind(e)) {
                    clear(target, storage, e);
                }
                throw e;
            }
            storage.record(new Storage.Choice(target, "moved there by hand"));
            sync(data);
            storage.clear(source);
            System.err.printf(
                    "%d volumes moved from %s to %s%n", volumes.size(), Storage.lower(source), Storage.lower(target));
        }
    }

    /** The volumes that stay need the room. What else has failed may be gone on with by hand; the next move clears it. */
    private static void clear(Backend target, Storage storage, RuntimeException cause) {
        try {
            storage.clear(target);
        } catch (StartException | StorageException e) {
            cause.addSuppressed(e);
        }
    }

    private static void copyAll(
            VolumeStore from, Backend source, VolumeStore into, Backend target, Storage storage, OsUser user) {
        Set<VolumeName> volumes = from.list();
        int done = 0;
        for (VolumeName volume : volumes) {
            System.err.printf("copying volume %d of %d%n", ++done, volumes.size());
            copy(from.open(volume), into.create(volume), user);
        }
        copy(storage.volumes(source).resolve(".wal"), storage.volumes(target).resolve(".wal"), user);
        sync(storage.volumes(target));
    }

    /** Makes what has been copied durable before anything is deleted. */
    private static void sync(Path fileSystem) {
        try {
            Process process = new ProcessBuilder("sync", "-f", fileSystem.toString())
                    .inheritIO()
                    .start();
            if (process.waitFor() != 0) {
                throw new StartException("sync -f " + fileSystem + " failed; nothing has been deleted.");
            }
        } catch (IOException e) {
            throw new StartException("cannot run sync: " + e.getMessage() + "; nothing has been deleted.", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StartException("interrupted; nothing has been deleted.", e);
        }
    }

    private static boolean clearAllBut(Backend kept, Storage storage) {
        boolean cleared = false;
        for (Backend backend : Backend.values()) {
            if (backend != kept && storage.isThere(backend)) {
                storage.clear(backend);
                cleared = true;
            }
        }
        return cleared;
    }

    private static void copy(Path from, Path to, OsUser user) {
        if (!Files.exists(from)) {
            return;
        }
        try {
            Files.walkFileTree(from, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes)
                        throws IOException {
                    Path target = to.resolve(from.relativize(directory).toString());
                    Files.createDirectories(target);
                    Files.setPosixFilePermissions(target, Files.getPosixFilePermissions(directory));
                    user.own(target);
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    Path target = to.resolve(from.relativize(file).toString());
                    Files.copy(
                            file,
                            target,
                            StandardCopyOption.COPY_ATTRIBUTES,
                            StandardCopyOption.REPLACE_EXISTING,
                            LinkOption.NOFOLLOW_LINKS);
                    if (attributes.isRegularFile()) {
                        user.own(target);
                        // A copy has no holes, and a segment of the log is often nothing else.
                        if (WalSegments.start(target.getFileName().toString()).isPresent()) {
                            Padding.dig(target);
                        }
                    }
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException e) {
            throw new StartException(
                    "cannot copy " + from + " to " + to + ": " + e.getMessage() + ". The volumes stay where they are. "
                            + "Put that right (where no room is left, du -sh " + from.getParent()
                            + " says how much is needed), and move again.",
                    e);
        }
    }
}
