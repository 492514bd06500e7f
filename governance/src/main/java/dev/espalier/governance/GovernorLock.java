package dev.espalier.governance;

import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.ControlException.Code;
import dev.espalier.governance.Applier.Prepared;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** One governor at a time in a database: an advisory lock, to the end of the transaction. */
final class GovernorLock {

    /** Any number that nobody else uses. */
    private static final long LOCK = 0x6573_7061_6c69_6572L;

    /** So often the lock is waited for, each time for two seconds: ten minutes. */
    private static final int LOCK_ATTEMPTS = 300;

    /** What PostgreSQL says of a prepared transaction that is no more, or that somebody is about to end. */
    private static final Set<String> ENDED = Set.of("42704", "55000");

    private GovernorLock() {}

    /** Outside of a transaction; false if there is none of that name any more. */
    static boolean rollBack(Connection session, Prepared prepared) throws SQLException {
        try (var statement = session.createStatement()) {
            statement.setEscapeProcessing(false);
            statement.execute(prepared.rollback());
            return true;
        } catch (SQLException e) {
            if (!ENDED.contains(String.valueOf(e.getSQLState()))) {
                throw e;
            }
            return false;
        }
    }

    /**
     * As the transaction's first statement; for a caller who can come again later.
     *
     * @throws ControlException if somebody else has it
     */
    static void holdIfFree(Connection session) throws SQLException {
        try (var statement = session.createStatement();
                var rows = statement.executeQuery("SELECT pg_try_advisory_xact_lock(" + LOCK + ")")) {
            rows.next();
            if (!rows.getBoolean(1)) {
                throw new ControlException(
                        Code.TEMPORARILY_UNAVAILABLE, "somebody else brings this database under the rules just now.");
            }
        }
    }

    /**
     * In a transaction in which nothing has been done yet: while it waits it begins others. What has the lock and is not Espalier's is ended:
     * the sessions of all but superusers, and prepared transactions.
     *
     * @throws ControlException if somebody has it for ten minutes nevertheless
     */
    static void hold(Connection session) throws SQLException {
        for (int attempt = 0; attempt < LOCK_ATTEMPTS; attempt++) {
            try (var statement = session.createStatement()) {
                statement.execute("SET LOCAL lock_timeout = '2s'");
                statement.execute("SELECT pg_advisory_xact_lock(" + LOCK + ")");
                statement.execute("SET LOCAL lock_timeout TO DEFAULT");
                return;
            } catch (SQLException e) {
                if (!SqlStates.isLocked(e)) {
                    throw e;
                }
            }
            session.rollback();
            endStrangers(session);
            rollBackStrangers(session);
        }
        throw new ControlException(
                Code.TEMPORARILY_UNAVAILABLE,
                "somebody else has been bringing this database under the rules for too long. Try again later; if this stays so,"
                        + " look in pg_locks for who holds the advisory lock " + LOCK + ", and end that session.");
    }

    /** Anybody can take the lock, and nobody but Espalier has any business with it. */
    private static void endStrangers(Connection session) throws SQLException {
        try (var query = session.prepareStatement("""
                WITH stranger AS MATERIALIZED (
                    SELECT a.pid
                    FROM pg_catalog.pg_locks l
                    JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
                    JOIN pg_catalog.pg_roles r ON r.oid = a.usesysid AND NOT r.rolsuper
                    WHERE l.locktype = 'advisory' AND l.objsubid = 1 AND l.classid::bigint = ? AND l.objid::bigint = ?
                      AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
                )
                SELECT pg_catalog.pg_terminate_backend(pid, 1000) FROM stranger
                """)) {
            query.setLong(1, LOCK >>> Integer.SIZE);
            query.setLong(2, LOCK & 0xFFFF_FFFFL);
            query.executeQuery().close();
        }
        session.rollback();
    }

    /** Also of whoever prepared a transaction with it: that is no session's, and does not end with the server. */
    private static void rollBackStrangers(Connection session) throws SQLException {
        List<Prepared> strangers = new ArrayList<>();
        try (var query = session.prepareStatement("""
                SELECT x.gid, x.owner, format('ROLLBACK PREPARED %L', x.gid)
                FROM pg_catalog.pg_locks l
                JOIN pg_catalog.pg_locks t ON t.pid IS NULL AND t.locktype = 'transactionid' AND t.virtualtransaction = l.virtualtransaction
                JOIN pg_catalog.pg_prepared_xacts x ON x.transaction = t.transactionid AND x.database = current_database()
                WHERE l.pid IS NULL AND l.locktype = 'advisory' AND l.objsubid = 1 AND l.classid::bigint = ? AND l.objid::bigint = ?
                """)) {
            query.setLong(1, LOCK >>> Integer.SIZE);
            query.setLong(2, LOCK & 0xFFFF_FFFFL);
            try (var rows = query.executeQuery()) {
                while (rows.next()) {
                    strangers.add(new Prepared(rows.getString(1), rows.getString(2), rows.getString(3)));
                }
            }
        }
        session.rollback();
        session.setAutoCommit(true);
        for (Prepared each : strangers) {
            var _ = rollBack(session, each);
        }
        session.setAutoCommit(false);
    }
}
