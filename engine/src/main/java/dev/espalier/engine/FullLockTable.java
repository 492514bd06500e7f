package dev.espalier.engine;

import dev.espalier.postgres.OpenedDatabase;
import dev.espalier.postgres.PostgresException;
import dev.espalier.postgres.PostgresServer;
import dev.espalier.postgres.SqlState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A server whose table of locks is full of those that prepared transactions hold: nobody can sign in, Espalier neither, and it may not even start again. It is
 * started once with more room, and those are rolled back that hold more than their share.
 */
final class FullLockTable {

    private static final Logger LOG = LoggerFactory.getLogger(FullLockTable.class);

    private static final String HOME = "postgres";

    private FullLockTable() {}

    /** Whether nobody can sign in for that. Most servers have no prepared transactions, and are not asked. */
    static boolean is(PostgresServer server) {
        Path prepared = server.launch().dataDirectory().resolve("pg_twophase");
        try (var files = Files.list(prepared)) {
            if (files.findAny().isEmpty()) {
                return false;
            }
        } catch (IOException e) {
            throw new EngineException("cannot read " + prepared + ": " + e.getMessage(), e);
        }
        try (Connection session = server.connect(HOME)) {
            return session.isClosed();
        } catch (SQLException e) {
            // Whatever else is wrong is told to who signs in next.
            return SqlState.of(e).equals(SqlState.OUT_OF_MEMORY);
        }
    }

    /** Whether the server has not even room for the locks that were there. It speaks English, see {@code Commands.inPlainWords}. */
    static boolean keepsFromStarting(PostgresException e) {
        return String.valueOf(e.getMessage()).contains("out of shared memory");
    }

    /**
     * The settings with room for some thousand locks more. It comes of workers of autovacuum: the other settings that make room are written to the log, and
     * a replay by a server that has less would end there.
     */
    static Map<String, String> withRoom(Map<String, String> settings, int major) {
        Map<String, String> roomy = new HashMap<>(settings);
        roomy.put("autovacuum", "off");
        roomy.put(major >= 18 ? "autovacuum_worker_slots" : "autovacuum_max_workers", "100");
        return roomy;
    }

    /** Rolls back what holds more locks than the table has room for on average. */
    static void empty(PostgresServer server) {
        Map<String, String> greedy = new LinkedHashMap<>();
        try (Connection session = server.connect(HOME);
                var statement = session.createStatement();
                var rows = statement.executeQuery("""
                        SELECT format('ROLLBACK PREPARED %L', x.gid), x.database, x.gid, x.owner
                        FROM pg_prepared_xacts x
                        JOIN pg_locks t ON t.pid IS NULL AND t.locktype = 'transactionid' AND t.transactionid = x.transaction
                        JOIN (
                            SELECT l.virtualtransaction FROM pg_locks l WHERE l.pid IS NULL GROUP BY 1
                            HAVING count(*) > current_setting('max_locks_per_transaction')::integer) g
                            ON g.virtualtransaction = t.virtualtransaction
                        """)) {
            while (rows.next()) {
                greedy.put(rows.getString(1), rows.getString(2));
                LOG.warn(
                        "{}: the prepared transaction {} of {} in {}, which had filled the server's table of locks, is rolled back",
                        server.launch().dataDirectory().getFileName(),
                        rows.getString(3),
                        rows.getString(4),
                        rows.getString(2));
            }
            for (var each : greedy.entrySet()) {
                rollBack(server, session, each.getValue(), each.getKey());
            }
        } catch (SQLException e) {
            throw new EngineException(
                    "the server's table of locks is full, and what fills it cannot be rolled back: " + e.getMessage(),
                    e);
        }
    }

    private static void rollBack(PostgresServer server, Connection home, String database, String rollback)
            throws SQLException {
        try (OpenedDatabase _ = OpenedDatabase.of(home, database);
                Connection session = server.connect(database);
                var statement = session.createStatement()) {
            statement.setEscapeProcessing(false);
            statement.execute(rollback);
        }
    }
}
