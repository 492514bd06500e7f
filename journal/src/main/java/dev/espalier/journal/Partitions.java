package dev.espalier.journal;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The partitions of the system tables, one for each day of UTC. */
final class Partitions {

    /** Serialises the making of partitions by several Espaliers on one control database. */
    private static final String LOCK = "SELECT pg_advisory_xact_lock(hashtext('espalier journal partitions'))";

    private static final DateTimeFormatter SUFFIX = DateTimeFormatter.BASIC_ISO_DATE;

    /** Those that are known to be there. */
    private final Set<String> known = new HashSet<>();

    static LocalDate day(Instant time) {
        return LocalDate.ofInstant(time, ZoneOffset.UTC);
    }

    /** Forgets what it knows: its transaction has failed, or partitions have been dropped. */
    void forget() {
        known.clear();
    }

    /** With the partition of their origins. */
    void ensureStatements(Connection connection, LocalDate day) throws SQLException {
        String partition = name(StatementTable.NAME, day);
        if (known.add(partition)) {
            execute(
                    connection,
                    LOCK,
                    "CREATE TABLE IF NOT EXISTS journal.%s PARTITION OF journal.%s FOR VALUES FROM ('%s') TO ('%s')"
                            .formatted(name(OriginTable.NAME, day), OriginTable.NAME, day, day.plusDays(1)),
                    create(StatementTable.NAME, "start_date", day));
        }
    }

    void ensureUsage(Connection connection, LocalDate day) throws SQLException {
        if (known.add(name(UsageTable.NAME, day))) {
            execute(connection, LOCK, create(UsageTable.NAME, "usage_date", day));
        }
    }

    /** With the trigger that keeps rows from being changed in the partition itself. */
    void ensureAudit(Connection connection, LocalDate day) throws SQLException {
        String partition = name(AuditTable.NAME, day);
        if (known.add(partition)) {
            execute(
                    connection,
                    LOCK,
                    create(AuditTable.NAME, "event_date", day),
                    """
                    CREATE OR REPLACE TRIGGER refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON journal.%s
                    FOR EACH STATEMENT EXECUTE FUNCTION journal.refuse_change()""".formatted(partition),
                    "ALTER TABLE journal.%s ENABLE ALWAYS TRIGGER refuse_change".formatted(partition));
        }
    }

    static String name(String table, LocalDate day) {
        return table + "_" + SUFFIX.format(day);
    }

    /** The check lets PostgreSQL skip the partition for a condition on the date, as it does for one on the time. */
    private static String create(String table, String dateColumn, LocalDate day) {
        return "CREATE TABLE IF NOT EXISTS journal.%s PARTITION OF journal.%s (CHECK (%s = DATE '%s')) "
                        .formatted(name(table, day), table, dateColumn, day)
                + "FOR VALUES FROM ('%s 00:00:00+00') TO ('%s 00:00:00+00')".formatted(day, day.plusDays(1));
    }

    /** The days of the table's partitions that lie before the day, oldest first. */
    static List<LocalDate> before(Connection connection, String table, LocalDate day) throws SQLException {
        List<LocalDate> days = new ArrayList<>();
        try (var statement = connection.prepareStatement("""
                SELECT substring(c.relname FROM '[0-9]{8}$')
                FROM pg_catalog.pg_inherits i
                JOIN pg_catalog.pg_class c ON c.oid = i.inhrelid
                WHERE i.inhparent = ('journal.' || ?)::regclass AND c.relname ~ '_[0-9]{8}$'
                ORDER BY c.relname""")) {
            statement.setString(1, table);
            try (var rows = statement.executeQuery()) {
                while (rows.next()) {
                    LocalDate found = LocalDate.parse(rows.getString(1), SUFFIX);
                    if (found.isBefore(day)) {
                        days.add(found);
                    }
                }
            }
        }
        return days;
    }

    static void drop(Connection connection, String table, LocalDate day) throws SQLException {
        execute(connection, "DROP TABLE journal." + name(table, day));
    }

    private static void execute(Connection connection, String... commands) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (String command : commands) {
                statement.execute(command);
            }
        }
    }
}
