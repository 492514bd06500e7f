package dev.espalier.postgres;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.postgresql.PGConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends whoever keeps a session of Espalier's waiting, whatever it waits for: relations, rows of PostgreSQL's catalogs, roles, advisory locks. Who that is can be
 * seen only while it waits, and by nobody but another session, which is opened for it.
 *
 * <p>Sessions of superusers are never ended: those are Espalier's own, whose work ends by itself.
 */
public final class LockWatch implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(LockWatch.class);

    private static final long POLL_MILLIS = 50;

    /** Who holds what the session waits for. Who only waits for the same before it is not meant, and has it when the holder has ended. */
    private static final String HOLDERS = """
            WITH awaited AS MATERIALIZED (
                SELECT l.*
                FROM pg_catalog.pg_locks l
                WHERE l.pid = ? AND NOT l.granted AND l.waitstart < pg_catalog.clock_timestamp() - ? * interval '1 millisecond'
            ), holder AS MATERIALIZED (
                SELECT DISTINCT h.pid, h.virtualtransaction
                FROM awaited w
                JOIN pg_catalog.pg_locks h
                    ON h.granted AND h.pid IS DISTINCT FROM w.pid AND h.locktype = w.locktype
                    AND (h.database, h.relation, h.page, h.tuple, h.virtualxid, h.transactionid, h.classid, h.objid, h.objsubid)
                        IS NOT DISTINCT FROM
                        (w.database, w.relation, w.page, w.tuple, w.virtualxid, w.transactionid, w.classid, w.objid, w.objsubid)
                -- A prepared transaction has no process, and is told by 0.
                WHERE coalesce(h.pid, 0) = ANY (pg_catalog.pg_blocking_pids(w.pid))
            )
            """;

    private final Connection session;
    private final Duration patience;
    private final List<String> events = new ArrayList<>();
    private boolean begun;
    private boolean closed;

    /**
     * Nobody is ended before {@link #begin}.
     *
     * @param session of the superuser; not used for the watch itself
     * @param patience for which one lock is waited for before who holds it is ended
     */
    public LockWatch(Connection session, Duration patience) {
        this.session = session;
        this.patience = patience;
    }

    /** Begins to watch; once more changes nothing. */
    public synchronized void begin() throws SQLException {
        if (begun) {
            return;
        }
        begun = true;
        int waiting = session.unwrap(PGConnection.class).getBackendPID();
        SessionAddress address = SessionAddress.of(session);
        // Most sessions wait for nobody: then there is neither a thread nor a second session.
        Executor later = CompletableFuture.delayedExecutor(
                patience.toMillis(),
                TimeUnit.MILLISECONDS,
                task -> Thread.ofPlatform().daemon().name("lock-watch").start(task));
        later.execute(() -> watch(address, waiting));
    }

    private void watch(SessionAddress address, int waiting) {
        if (isClosed()) {
            return;
        }
        try (Connection own = address.connect()) {
            look(own, waiting);
        } catch (SQLException e) {
            LOG.warn("who is in the way in {} cannot be ended: {}", address.database(), e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized boolean isClosed() {
        return closed;
    }

    private synchronized void look(Connection own, int waiting) throws SQLException, InterruptedException {
        while (!closed) {
            endSessions(own, waiting);
            rollBackPrepared(own, waiting);
            wait(POLL_MILLIS);
        }
    }

    private void endSessions(Connection own, int waiting) throws SQLException {
        try (var query = own.prepareStatement(HOLDERS + """
                , kept AS MATERIALIZED (
                    SELECT a.pid, a.usename
                    FROM holder h
                    JOIN pg_catalog.pg_stat_activity a ON a.pid = h.pid AND a.backend_type = 'client backend'
                    JOIN pg_catalog.pg_roles r ON r.oid = a.usesysid AND NOT r.rolsuper
                )
                SELECT k.usename FROM kept k WHERE pg_catalog.pg_terminate_backend(k.pid, 1000)
                """)) {
            set(query, waiting);
            try (var rows = query.executeQuery()) {
                while (rows.next()) {
                    add("Ended: a session of " + rows.getString(1) + ", which kept the rules from being changed.");
                }
            }
        }
    }

    private void rollBackPrepared(Connection own, int waiting) throws SQLException {
        List<PreparedTransaction> prepared = new ArrayList<>();
        // What a prepared transaction is called in pg_locks depends on whether the server has been started since.
        try (var query = own.prepareStatement(HOLDERS + "SELECT " + PreparedTransaction.COLUMNS + """

                FROM pg_catalog.pg_prepared_xacts x
                WHERE x.transaction IN (
                    SELECT t.transactionid
                    FROM holder h
                    JOIN pg_catalog.pg_locks t
                        ON t.pid IS NULL AND t.locktype = 'transactionid' AND t.virtualtransaction = h.virtualtransaction
                    WHERE h.pid IS NULL)
                ORDER BY 1
                """)) {
            set(query, waiting);
            try (var rows = query.executeQuery()) {
                while (rows.next()) {
                    prepared.add(PreparedTransaction.read(rows));
                }
            }
        }
        for (PreparedTransaction each : prepared) {
            try {
                if (each.rollBack(own)) {
                    add("Rolled back: the prepared transaction " + each.gid() + " of " + each.owner()
                            + ", which kept the rules from being changed.");
                }
            } catch (SQLException e) {
                // There may be others in the way, and it is tried again.
                LOG.warn(
                        "the prepared transaction {} of {} cannot be rolled back: {}",
                        each.gid(),
                        each.owner(),
                        e.getMessage());
            }
        }
    }

    private void set(PreparedStatement query, int waiting) throws SQLException {
        query.setInt(1, waiting);
        query.setLong(2, patience.toMillis());
    }

    private void add(String event) {
        if (!events.contains(event)) {
            events.add(event);
        }
    }

    /** What has been done. */
    public synchronized List<String> events() {
        return List.copyOf(events);
    }

    /** Ends the watch; nobody is ended by it any more. */
    @Override
    public synchronized void close() {
        closed = true;
        notifyAll();
    }
}
