package dev.espalier.postgres;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * A server's table of locks, which all its sessions share: anybody can fill it, be it with advisory locks, and with a transaction that he prepares for as long as he
 * likes. Then nothing can be done on the server that needs a lock.
 */
public final class LockTable {

    private static final int ATTEMPTS = 4;

    private static final String FILLED = ", which had filled the server's table of locks.";

    /**
     * Who holds more than the share for which the table has room for everybody, until no more than half of it is held: those who hold most first. Of functions
     * alone, because to read a view takes more locks than may be left.
     */
    private static final String GREEDY = """
            WITH session AS MATERIALIZED (
                SELECT a.pid, a.usesysid, a.datid, a.backend_type FROM pg_catalog.pg_stat_get_activity(NULL) a
            ), own AS MATERIALIZED (
                SELECT s.usesysid, s.datid FROM session s WHERE s.pid = pg_catalog.pg_backend_pid()
            ), lock AS MATERIALIZED (
                SELECT l.pid, l.virtualtransaction, l.transactionid FROM pg_catalog.pg_lock_status() l WHERE NOT l.fastpath
            ), held AS MATERIALIZED (
                SELECT l.pid, l.virtualtransaction, count(*) AS locks FROM lock l GROUP BY l.pid, l.virtualtransaction
            ), share AS MATERIALIZED (
                SELECT pg_catalog.current_setting('max_locks_per_transaction')::bigint AS locks,
                       pg_catalog.current_setting('max_connections')::bigint
                           + pg_catalog.current_setting('max_prepared_transactions')::bigint AS holders
            ), greedy AS MATERIALIZED (
                SELECT h.pid, h.virtualtransaction, h.usesysid
                FROM (
                    SELECT d.*, s.usesysid, sum(d.locks) OVER () + d.locks - sum(d.locks) OVER (
                        ORDER BY d.locks DESC, d.virtualtransaction ROWS UNBOUNDED PRECEDING) AS locks_with_it
                    FROM held d
                    LEFT JOIN session s ON s.pid = d.pid
                    WHERE d.pid IS NULL OR (s.backend_type = 'client backend' AND s.usesysid <> (SELECT o.usesysid FROM own o))) h
                CROSS JOIN share s
                WHERE h.locks > s.locks AND h.locks_with_it > s.locks * s.holders / 2
            )
            """;

    private LockTable() {}

    /** What needs locks. */
    @FunctionalInterface
    public interface Work<T> {
        /** Leaves no transaction open if it fails. */
        T run() throws SQLException;
    }

    /**
     * Does the work. If the table is full, those who have filled it are ended, and the work is done again. Superusers' sessions stay.
     *
     * @param session of the superuser, with autocommit
     * @param tell is told what was done
     */
    public static <T> T withRoom(Connection session, Consumer<String> tell, Work<T> work) throws SQLException {
        for (int attempt = 1; ; attempt++) {
            try {
                return work.run();
            } catch (SQLException e) {
                if (!SqlState.of(e).equals(SqlState.OUT_OF_MEMORY)
                        || attempt == ATTEMPTS
                        || !makeRoom(session, tell, e)) {
                    throw e;
                }
            }
        }
    }

    /** @param full what is thrown where this fails, too */
    private static boolean makeRoom(Connection session, Consumer<String> tell, SQLException full) {
        try {
            return makeRoom(session, tell);
        } catch (SQLException e) {
            full.addSuppressed(e);
            return false;
        }
    }

    private static boolean makeRoom(Connection session, Consumer<String> tell) throws SQLException {
        List<String> ended = new ArrayList<>();
        List<PreparedTransaction> prepared = prepared(session);
        try (var statement = session.createStatement();
                var rows = statement.executeQuery(GREEDY + """
                        SELECT pg_catalog.pg_get_userbyid(g.usesysid)
                        FROM greedy g
                        WHERE g.pid IS NOT NULL AND pg_catalog.pg_terminate_backend(g.pid, 1000)
                        """)) {
            while (rows.next()) {
                ended.add("Ended: a session of " + rows.getString(1) + FILLED);
            }
        }
        for (PreparedTransaction each : prepared) {
            if (each.rollBack(session)) {
                ended.add("Rolled back: the prepared transaction " + each.gid() + " of " + each.owner() + FILLED);
            }
        }
        ended.forEach(tell);
        return !ended.isEmpty();
    }

    /** Those that are greedy, the ones of the session's own database first, because there has to be room for a session in another one. */
    private static List<PreparedTransaction> prepared(Connection session) throws SQLException {
        List<PreparedTransaction> prepared = new ArrayList<>();
        try (var statement = session.createStatement();
                var rows = statement.executeQuery(GREEDY + """
                        SELECT x.gid, pg_catalog.pg_get_userbyid(x.ownerid), x.dbid = o.datid, pg_catalog.format('ROLLBACK PREPARED %L', x.gid)
                        FROM pg_catalog.pg_prepared_xact() x
                        CROSS JOIN own o
                        WHERE x.transaction IN (
                            SELECT l.transactionid
                            FROM greedy g JOIN lock l ON l.pid IS NULL AND l.virtualtransaction = g.virtualtransaction
                            WHERE g.pid IS NULL)
                        ORDER BY x.dbid <> o.datid, x.gid
                        """)) {
            while (rows.next()) {
                prepared.add(PreparedTransaction.read(rows));
            }
        }
        return prepared;
    }
}
