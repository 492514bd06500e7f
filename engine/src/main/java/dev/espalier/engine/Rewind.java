package dev.espalier.engine;

import dev.espalier.postgres.CommitTimes;
import dev.espalier.postgres.ControlFile;
import dev.espalier.postgres.Lsn;
import dev.espalier.postgres.PostgresServer;
import dev.espalier.postgres.WalSegments;
import dev.espalier.storage.VolumeName;
import dev.espalier.storage.VolumeStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** Makes a volume that, once it has been started with the {@link Recovery} returned, is an earlier moment of another. */
public final class Rewind {

    /** The moment wanted. */
    public sealed interface Target {

        /** The state after everything that had been committed by then. */
        record Time(Instant time) implements Target {}

        /** The state before the record that starts at or after this position. */
        record Position(Lsn lsn) implements Target {}
    }

    private final VolumeStore store;
    private final Layout layout;

    Rewind(VolumeStore store, Layout layout) {
        this.store = store;
        this.layout = layout;
    }

    /**
     * Makes {@code to} from the snapshot and collects the log up to the target.
     *
     * @param original the cluster that the snapshot was taken of
     * @param snapshot the latest one at or before the target
     * @throws EngineException if the log does not reach as far as the target, or has a hole before it; there is no volume then
     */
    Recovery make(Cluster original, Snapshot snapshot, Target target, VolumeName to) {
        Path staging = staging(to);
        layout.privateDirectory(staging);
        Path archive = layout.archive(snapshot.of());
        Lsn written = original.server()
                .map(Rewind::writeOut)
                .orElseGet(() -> ControlFile.read(store.open(original.volume())).checkpoint());
        collectUnarchived(snapshot.of(), archive, staging);
        store.fork(snapshot.volume(), to, Set.of());
        List<Path> logs = List.of(staging, archive);
        int timeline = ControlFile.read(store.open(to)).timeline();
        WalSegments segments = new WalSegments(logs, timeline);
        CommitTimes.Position found = switch (target) {
            case Target.Time(Instant time) -> CommitTimes.find(segments, snapshot.lsn(), time);
            case Target.Position(Lsn lsn) -> CommitTimes.find(segments, snapshot.lsn(), lsn);
        };
        if (found.stopBefore().isEmpty()) {
            checkReaches(snapshot, target, found, written);
        }
        return new Recovery(found.stopBefore(), found.last(), logs);
    }

    /**
     * Nothing past the target was found: either nothing was written after it, or the log cannot be read so far.
     *
     * @param written position that the original's log has reached at least
     */
    private static void checkReaches(Snapshot snapshot, Target target, CommitTimes.Position found, Lsn written) {
        // The end of what was written may lie past the header of a page that holds no record yet.
        boolean isWhole = written.minus(found.end()) <= WalSegments.LONGEST_PAGE_HEADER;
        if (!isWhole && !(target instanceof Target.Position(Lsn lsn) && lsn.compareTo(found.end()) <= 0)) {
            throw new UnreachableMomentException("the log of " + snapshot.of() + " has a hole at " + found.end()
                    + ": what was written after it cannot be reached from the snapshot before it. The last moment before it is "
                    + found.lastTime().orElse(snapshot.time()) + " (" + found.end()
                    + "). Name one up to there, or one after the next snapshot.");
        }
        if (target instanceof Target.Position(Lsn lsn) && lsn.compareTo(found.end()) > 0) {
            throw new UnreachableMomentException("position " + lsn + " has not been written yet: the log of "
                    + snapshot.of() + " ends at " + found.end() + ". Name a position up to there.");
        }
    }

    /** Returns a position that the log has reached, all of it in its files. */
    private static Lsn writeOut(PostgresServer server) {
        try (Connection session = server.connect("postgres")) {
            Lsn written = LogPositions.end(session);
            LogPositions.writeOut(session);
            return written;
        } catch (SQLException e) {
            throw new EngineException("cannot have the log written out: " + e.getMessage(), e);
        }
    }

    /** Removes what {@link #make} collected; to be called once the volume has been started. */
    void finish(VolumeName to) {
        Trees.delete(staging(to));
    }

    private Path staging(VolumeName to) {
        return layout.archives().resolve(to.value() + ".staging");
    }

    /** Copies the segments that only the original's own directory holds, the one being written among them. */
    private void collectUnarchived(VolumeName original, Path archive, Path staging) {
        Path log = store.open(original).resolve("pg_wal");
        try (Stream<Path> files = Files.list(log)) {
            for (Path file : files.toList()) {
                String name = file.getFileName().toString();
                if (WalSegments.start(name).isPresent() && !Files.exists(archive.resolve(name))) {
                    copy(file, staging.resolve(name));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the write-ahead log in " + log, e);
        }
    }

    private void copy(Path segment, Path to) throws IOException {
        try {
            Files.copy(segment, to);
            layout.user().own(to);
        } catch (NoSuchFileException e) {
            // Archived and removed meanwhile: the archive has it.
            Files.deleteIfExists(to);
        }
    }
}
