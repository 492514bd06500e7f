package dev.espalier.engine;

import dev.espalier.postgres.ControlFile;
import dev.espalier.postgres.Lsn;
import dev.espalier.postgres.PostgresServer;
import dev.espalier.storage.VolumeName;
import dev.espalier.storage.VolumeStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.Semaphore;

/** Copies a cluster at one moment, running or not, whole or not at all. */
final class Capture {

    /**
     * Replaying this much log takes about as long as a checkpoint of a busy cluster: below it the copy replays, above it
     * the original writes a checkpoint first.
     */
    private static final long LOG_WORTH_A_CHECKPOINT = 32L << 20;

    /** Copies of one server in backup mode; who comes next waits. */
    private static final int MOST_AT_ONCE = 4;

    private static final String LOG_DIRECTORY = "pg_wal";

    private final VolumeStore store;
    private final Layout layout;

    /** Each copy in backup mode takes one of the server's replication slots, and its mirrors and users need others. */
    private final Map<PostgresServer, Semaphore> turns = Collections.synchronizedMap(new WeakHashMap<>());

    Capture(VolumeStore store, Layout layout) {
        this.store = store;
        this.layout = layout;
    }

    /**
     * Makes {@code target} a copy of the cluster as it is now. The copy keeps nothing that belongs to the running server
     * or reaches out from it by way of files: lock files, replication slots, marks of what is to be archived.
     *
     * @throws EngineException if it fails; there is no target then
     */
    Snapshot take(Cluster cluster, VolumeName target) {
        try {
            Snapshot snapshot = cluster.server().isPresent()
                    ? ofRunning(cluster.volume(), cluster.server().get(), target)
                    : ofStopped(cluster.volume(), target);
            forget(store.open(target));
            return snapshot;
        } catch (SQLException e) {
            store.delete(target);
            throw new EngineException("cannot copy " + cluster.volume() + ": " + e.getMessage(), e);
        } catch (RuntimeException e) {
            store.delete(target);
            throw e;
        }
    }

    private Snapshot ofStopped(VolumeName source, VolumeName target) {
        Path copy = store.fork(source, target, Set.of());
        ControlFile control = ControlFile.read(copy);
        return new Snapshot(target, source, Instant.now(), control.endOfLog(copy), control.redo());
    }

    private Snapshot ofRunning(VolumeName source, PostgresServer server, VolumeName target) throws SQLException {
        return store.capabilities().atomicFork() && syncsItsWrites(server)
                ? atomic(source, server, target)
                : inBackupMode(source, server, target);
    }

    /**
     * An atomic fork keeps the order of what is on the disk, not of what the kernel still holds: a btrfs snapshot writes out
     * one file after another, so that of a server without fsync it may have the control file and not the log before it.
     */
    static boolean syncsItsWrites(PostgresServer server) {
        return "on".equals(server.launch().settings().get("fsync"));
    }

    private Snapshot atomic(VolumeName source, PostgresServer server, VolumeName target) throws SQLException {
        try (Connection session = server.connect("postgres");
                var statement = session.createStatement()) {
            try (var rows = statement.executeQuery(
                    "SELECT pg_current_wal_insert_lsn() - redo_lsn FROM pg_control_checkpoint()")) {
                rows.next();
                if (rows.getLong(1) > LOG_WORTH_A_CHECKPOINT) {
                    statement.execute("CHECKPOINT");
                }
            }
            LogPositions.writeOut(session);
            Path copy = store.fork(source, target, Set.of());
            Lsn end = LogPositions.end(session);
            return new Snapshot(
                    target, source, Instant.now(), end, ControlFile.read(copy).redo());
        }
    }

    private Snapshot inBackupMode(VolumeName source, PostgresServer server, VolumeName target) throws SQLException {
        Semaphore turn = turns.computeIfAbsent(server, _ -> new Semaphore(MOST_AT_ONCE, true));
        turn.acquireUninterruptibly();
        try (BackupMode backup = BackupMode.start(server)) {
            Set<String> without = store.capabilities().atomicFork() ? Set.of() : Set.of(LOG_DIRECTORY);
            Path copy = store.fork(source, target, without);
            Lsn end = backup.stop(copy, layout);
            Instant time = Instant.now();
            store.copyDirectory(source, LOG_DIRECTORY, target);
            return new Snapshot(target, source, time, end, backup.start);
        } finally {
            turn.release();
        }
    }

    private static void forget(Path copy) {
        try {
            Files.deleteIfExists(copy.resolve("postmaster.pid"));
            Files.deleteIfExists(copy.resolve("postmaster.opts"));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot remove the lock file of the original from " + copy, e);
        }
        Trees.empty(copy.resolve("pg_replslot"));
        Trees.empty(copy.resolve(LOG_DIRECTORY).resolve("archive_status"));
    }
}
