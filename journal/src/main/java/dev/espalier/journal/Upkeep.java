package dev.espalier.journal;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;

/**
 * Makes the partitions of the next days and drops those that are older than they are to be kept: the one way in which audit
 * rows go, and it records itself in the audit.
 */
final class Upkeep {

    private static final int DAYS_AHEAD = 3;

    /** Dropping waits no longer for those who read, because everybody else would wait behind it. */
    private static final String LOCK_TIMEOUT = "SET LOCAL lock_timeout = '3s'";

    private final Partitions partitions;
    private final Retention retention;
    private final RetentionClock clock;

    Upkeep(Partitions partitions, Retention retention, RetentionClock clock) {
        this.partitions = partitions;
        this.retention = retention;
        this.clock = clock;
    }

    /** Begins a transaction's transfer. */
    @FunctionalInterface
    interface Begin {
        Transfer of(Connection connection) throws SQLException;
    }

    /** Why nothing was dropped although it went well; empty if it was. */
    Optional<String> problem() {
        return clock.problem();
    }

    void run(Connection connection, Instant now, Begin begin) throws SQLException {
        LocalDate today = Partitions.day(now);
        for (int i = 0; i <= DAYS_AHEAD; i++) {
            partitions.ensureStatements(connection, today.plusDays(i));
            partitions.ensureAudit(connection, today.plusDays(i));
            partitions.ensureUsage(connection, today.plusDays(i));
        }
        connection.commit();
        LocalDate believed = Partitions.day(clock.at(connection, now));
        drop(connection, StatementTable.NAME, believed.minusDays(retention.historyDays()));
        drop(connection, OriginTable.NAME, believed.minusDays(retention.historyDays()));
        drop(connection, UsageTable.NAME, believed.minusDays(retention.usageDays()));
        for (LocalDate old : old(connection, AuditTable.NAME, believed.minusDays(retention.auditDays()))) {
            setLockTimeout(connection);
            dropAudit(connection, old, now, begin.of(connection));
        }
        partitions.forget();
    }

    private static void drop(Connection connection, String table, LocalDate firstKept) throws SQLException {
        for (LocalDate old : old(connection, table, firstKept)) {
            setLockTimeout(connection);
            Partitions.drop(connection, table, old);
            connection.commit();
        }
    }

    private static List<LocalDate> old(Connection connection, String table, LocalDate firstKept) throws SQLException {
        List<LocalDate> days = Partitions.before(connection, table, firstKept);
        connection.commit();
        return days;
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
