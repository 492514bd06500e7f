package dev.espalier.engine;

import dev.espalier.postgres.PostgresServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes a checkpoint for a server that has come to rest, so that a copy of it has next to nothing to replay: 15 MiB of log
 * are 120 ms of a copy's start, and fill its shared buffers.
 */
final class Settling {

    private static final Logger LOG = LoggerFactory.getLogger(Settling.class);

    /** How long nothing was written to the log of a server at rest. */
    private static final Duration REST = Duration.ofSeconds(2);

    /** With less log than this to replay, a checkpoint is not worth its writes. */
    private static final long WORTH_A_CHECKPOINT = 1L << 20;

    /** When the log was written last, at the last look at a server at rest. */
    private final Map<String, Instant> settled = new ConcurrentHashMap<>();

    /** Looks at all servers; one at rest that was looked at before costs no session. */
    void look(Map<String, PostgresServer> running) {
        settled.keySet().retainAll(running.keySet());
        running.forEach((id, server) -> {
            try {
                look(id, server);
            } catch (SQLException | UncheckedIOException e) {
                // It stops, or is busy with something else: it is looked at again.
                LOG.debug("no checkpoint of {}: {}", id, e.getMessage());
            }
        });
    }

    private void look(String id, PostgresServer server) throws SQLException {
        if (!Capture.syncsItsWrites(server)) {
            // Copied in backup mode, which begins with a checkpoint.
            return;
        }
        Optional<Instant> written = lastWrite(server);
        boolean rests = written.filter(time -> time.isBefore(Instant.now().minus(REST)))
                .filter(time -> !time.equals(settled.get(id)))
                .isPresent();
        if (rests) {
            try (Connection session = server.connect("postgres")) {
                if (toReplay(session) > WORTH_A_CHECKPOINT) {
                    try (var statement = session.createStatement()) {
                        statement.execute("CHECKPOINT");
                    }
                }
            }
            lastWrite(server).ifPresent(time -> settled.put(id, time));
        }
    }

    /** Bytes of log since the last checkpoint; none on a replica, of which no copy is made. */
    private static long toReplay(Connection session) throws SQLException {
        try (var statement = session.createStatement();
                var rows = statement.executeQuery("""
                        SELECT CASE WHEN pg_is_in_recovery() THEN 0
                                    ELSE pg_current_wal_insert_lsn() - redo_lsn END::bigint
                        FROM pg_control_checkpoint()
                        """)) {
            rows.next();
            return rows.getLong(1);
        }
    }

    private static Optional<Instant> lastWrite(PostgresServer server) {
        Path log = server.launch().dataDirectory().resolve("pg_wal");
        List<Path> files = Trees.children(log);
        return files.stream()
                .filter(Files::isRegularFile)
                .map(Settling::modified)
                .max(Comparator.naturalOrder());
    }

    private static Instant modified(Path file) {
        try {
            FileTime time = Files.getLastModifiedTime(file);
            return time.toInstant();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot see when " + file + " was written", e);
        }
    }
}
