package dev.espalier.journal;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the partitions of the next days and drops those that are older than they are to be kept: the one way in which audit
 * rows go, and it records itself in the audit. What cannot be done for one table is done for the others.
 */
final class Upkeep {

    private static final Logger LOG = LoggerFactory.getLogger(Upkeep.class);

    private static final int DAYS_AHEAD = 3;

    /** Waits no longer for those who read, because everybody else would wait behind it. */
    private static final String LOCK_TIMEOUT = "SET LOCAL lock_timeout = '3s'";

    private static final String AHEAD = "partitions of the next days";

    private final Partitions partitions;
    private final Retention retention;
    private final RetentionClock clock;
    private final Duration patience;

    /** Since when each fails that does, by {@link System#nanoTime}. */
    private final Map<String, Long> failing = new HashMap<>();

    private final List<String> failures = new ArrayList<>();

    /** @param patience with readers that take turns at holding a table; they are ended then */
    Upkeep(Partitions partitions, Retention retention, RetentionClock clock, Duration patience) {
        this.partitions = partitions;
        this.retention = retention;
        this.clock = clock;
        this.patience = patience;
    }

    /** Begins a transaction's transfer. */
    @FunctionalInterface
    interface Begin {
        Transfer of(Connection connection) throws SQLException;
    }

    private interface Step {
        void run() throws SQLException;
    }

    /** Why not everything was done the last time, or nothing dropped; empty if all went well. */
    List<String> problems() {
        List<String> problems = new ArrayList<>(failures);
        clock.problem().ifPresent(problems::add);
        return problems;
    }

    /**
     * Does what is to be done.
     *
     * @return whether all of it could be
     * @throws SQLException if the database cannot be reached
     */
    boolean run(Connection connection, Instant now, Begin begin) throws SQLException {
        failures.clear();
        attempt(connection, AHEAD, () -> makeAhead(connection, Partitions.day(now)));
        LocalDate today = Partitions.day(clock.at(connection, now));
        drop(connection, StatementTable.NAME, today.minusDays(retention.historyDays()));
        drop(connection, OriginTable.NAME, today.minusDays(retention.historyDays()));
        drop(connection, UsageTable.NAME, today.minusDays(retention.usageDays()));
        drop(
                connection,
                AuditTable.NAME,
                today.minusDays(retention.auditDays()),
                day -> dropAudit(connection, day, now, begin.of(connection)));
        partitions.forget();
        return failures.isEmpty();
    }

    private void attempt(Connection connection, String what, Step step) throws SQLException {
        try {
            step.run();
            failing.remove(what);
        } catch (SQLException | RuntimeException e) {
            connection.rollback();
            partitions.forget();
            failing.putIfAbsent(what, System.nanoTime());
            failures.add(what + " could not be made or dropped: " + e.getMessage());
        }
    }

    private void makeAhead(Connection connection, LocalDate today) throws SQLException {
        if (isPatienceOver(AHEAD)) {
            for (String table : List.of(StatementTable.NAME, OriginTable.NAME, UsageTable.NAME, AuditTable.NAME)) {
                endReaders(connection, table, today);
            }
        }
        for (int i = 0; i <= DAYS_AHEAD; i++) {
            setLockTimeout(connection);
            partitions.ensureStatements(connection, today.plusDays(i));
            partitions.ensureAudit(connection, today.plusDays(i));
            partitions.ensureUsage(connection, today.plusDays(i));
            connection.commit();
        }
    }

    private interface Drop {
        void day(LocalDate day) throws SQLException;
    }

    private void drop(Connection connection, String table, LocalDate firstKept) throws SQLException {
        drop(connection, table, firstKept, day -> {
            Partitions.drop(connection, table, day);
            connection.commit();
        });
    }

    private void drop(Connection connection, String table, LocalDate firstKept, Drop drop) throws SQLException {
        String what = "old partitions of journal." + table;
        attempt(connection, what, () -> {
            List<LocalDate> days = Partitions.before(connection, table, firstKept);
            connection.commit();
            for (LocalDate day : days) {
                if (isPatienceOver(what)) {
                    endReaders(connection, table, day);
                }
                lock(connection, table, day);
                drop.day(day);
            }
        });
    }

    private boolean isPatienceOver(String what) {
        Long since = failing.get(what);
        return since != null && System.nanoTime() - since >= patience.toNanos();
    }

    /**
     * Ends the sessions that hold the table. Whoever comes next waits behind the drop, so that nobody takes the turn. Not those of
     * Espalier itself, nor of a database whose superuser it is not: nobody else is let in there by it.
     */
    private static void endReaders(Connection connection, String table, LocalDate day) throws SQLException {
        try (var statement = connection.prepareStatement("""
                SELECT a.usename, pg_terminate_backend(a.pid)
                FROM pg_stat_activity a
                JOIN pg_roles r ON r.oid = a.usesysid AND NOT r.rolsuper
                JOIN pg_roles me ON me.rolname = current_user AND me.rolsuper
                WHERE a.pid IN (
                    SELECT l.pid
                    FROM pg_locks l
                    JOIN pg_database d ON d.oid = l.database AND d.datname = current_database()
                    WHERE l.granted AND l.relation IN (to_regclass('journal.' || ?), to_regclass('journal.' || ?)))""")) {
            statement.setString(1, table);
            statement.setString(2, Partitions.name(table, day));
            try (var rows = statement.executeQuery()) {
                while (rows.next()) {
                    LOG.warn(
                            "a session of {} was ended: for too long somebody has kept old rows of journal.{} from being dropped",
                            rows.getString(1),
                            table);
                }
            }
        }
    }

    /** At once, so that nobody who comes after {@link #endReaders} gets in between. */
    private static void lock(Connection connection, String table, LocalDate day) throws SQLException {
        setLockTimeout(connection);
        try (var statement = connection.createStatement()) {
            statement.execute("LOCK TABLE ONLY journal." + table + ", ONLY journal." + Partitions.name(table, day)
                    + " IN ACCESS EXCLUSIVE MODE");
        }
    }

    private static void setLockTimeout(Connection connection) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.execute(LOCK_TIMEOUT);
        }
    }

    /** The rows' places in the chain, with the hash to go on from, are in the chain from then on. */
    private static void dropAudit(Connection connection, LocalDate day, Instant now, Transfer transfer)
            throws SQLException {
        for (AuditEvent notice : Anchors.notices(connection, day, now)) {
            transfer.add(0, notice);
        }
        Partitions.drop(connection, AuditTable.NAME, day);
        transfer.commit();
    }
}
