package dev.espalier.governance;

import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.ControlException.Code;
import dev.espalier.postgres.LockWatch;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One governor at a time in a database: an advisory lock, to the end of the transaction. */
final class GovernorLock {

    private static final Logger LOG = LoggerFactory.getLogger(GovernorLock.class);

    /** Key of the advisory lock: "espalier" in ASCII, so that no other program takes it by accident. */
    private static final long LOCK = 0x6573_7061_6c69_6572L;

    /** Beyond this nobody waits for another governor. */
    private static final Duration LONGEST = Duration.ofMinutes(10);

    /** Then it is looked who has the lock. */
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private GovernorLock() {}

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
     * As the transaction's first statement. Anybody can take the lock, and nobody but Espalier has any business with it: what has it and is not
     * Espalier's is ended, the sessions of all but superusers, and prepared transactions.
     *
     * @throws ControlException if somebody has it for ten minutes nevertheless
     */
    static void hold(Connection session) throws SQLException {
        try (LockWatch watch = new LockWatch(session, PATIENCE);
                var statement = session.createStatement()) {
            watch.begin();
            try {
                statement.execute("SET LOCAL lock_timeout = '" + LONGEST.toMillis() + "'");
                statement.execute("SELECT pg_advisory_xact_lock(" + LOCK + ")");
                statement.execute("SET LOCAL lock_timeout TO DEFAULT");
            } finally {
                watch.events().forEach(LOG::warn);
            }
        } catch (SQLException e) {
            if (!UpdateErrors.isLocked(e)) {
                throw e;
            }
            throw new ControlException(
                    Code.TEMPORARILY_UNAVAILABLE,
                    "somebody else has been bringing this database under the rules for too long. Try again later; if this stays so,"
                            + " look in pg_locks for who holds the advisory lock " + LOCK + ", and end that session.",
                    e);
        }
    }
}
