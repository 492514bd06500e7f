package dev.espalier.control;

import dev.espalier.control.MirrorTable.Feed;
import dev.espalier.control.MirrorTable.Published;
import dev.espalier.control.admission.Masking.Taken;
import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.ControlException.Code;
import dev.espalier.engine.Engine;
import dev.espalier.engine.FeedAccess;
import dev.espalier.postgres.Identifiers;
import dev.espalier.postgres.Lsn;
import dev.espalier.postgres.Polling;
import dev.espalier.postgres.SqlState;
import dev.espalier.postgres.UnixSockets;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The way of rows from a source to a mirror: a publication of named columns and a replication slot there, a subscription here, over
 * the source's private socket.
 */
final class MirrorFeeds {

    /**
     * Log of the source that is kept for a mirror which does not take it. One that needs more is out of date: the disk of
     * production does not fill up for a copy.
     */
    static final long MOST_KEPT_BYTES = 16L << 30;

    /** Why a mirror without a feed can never go on. */
    static final String NOTHING_HELD = "its source keeps nothing for it any more";

    /** How long a slot may wait for the transactions that run at the source when it is made. */
    private static final Duration SLOT_WITHIN = Duration.ofSeconds(60);

    private static final Duration POLL = Duration.ofMillis(20);

    private final Engine engine;

    MirrorFeeds(Engine engine) {
        this.engine = engine;
    }

    /** Name of publication, slot and subscription of the n-th database of a mirror on the volume. */
    static String name(String volume, int n) {
        return FeedAccess.PREFIX + volume.replaceAll("[^a-z0-9]", "_") + "_" + n;
    }

    /**
     * Publishes the tables, with the columns that the mirror has, for a role that may read the tables for as long as they are
     * published: a first copy that finds its table no more in the publication asks for all columns, by the names that they have then.
     *
     * @return the tables as they are published
     */
    List<Published> publish(Connection source, Feed feed, List<Taken> tables) throws SQLException {
        String name = feed.name();
        String list =
                tables.stream().map(table -> table(table) + columns(table)).collect(Collectors.joining(", "));
        execute(source, "CREATE PUBLICATION " + name + (list.isEmpty() ? "" : " FOR TABLE " + list));
        execute(source, "CREATE ROLE " + name + " LOGIN REPLICATION BYPASSRLS");
        endLimits(source, name);
        execute(source, "GRANT CONNECT ON DATABASE " + Identifiers.quoted(feed.database()) + " TO " + name);
        if (!tables.isEmpty()) {
            // In one statement each: hooks of the rules look at the whole after each.
            String schemas = tables.stream()
                    .map(Taken::schema)
                    .distinct()
                    .map(Identifiers::quoted)
                    .collect(Collectors.joining(", "));
            execute(source, "GRANT USAGE ON SCHEMA " + schemas + " TO " + name);
            execute(
                    source,
                    "GRANT SELECT ON " + tables.stream().map(MirrorFeeds::table).collect(Collectors.joining(", "))
                            + " TO " + name);
        }
        return published(source, name);
    }

    /** What a database or a server has for everybody, and what a first copy of many rows would never end under. */
    private static void endLimits(Connection session, String role) throws SQLException {
        List<String> limits =
                new ArrayList<>(List.of("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"));
        if (session.getMetaData().getDatabaseMajorVersion() >= UnixSockets.TRANSACTION_TIMEOUT) {
            limits.add("transaction_timeout");
        }
        for (String limit : limits) {
            execute(session, "ALTER ROLE " + role + " SET " + limit + " = 0");
        }
    }

    private static String table(Taken table) {
        return Identifiers.quoted(table.schema()) + "." + Identifiers.quoted(table.table());
    }

    private static String columns(Taken table) {
        return table.columns().stream().map(Identifiers::quoted).collect(Collectors.joining(", ", " (", ")"));
    }

    private static List<Published> published(Connection source, String name) throws SQLException {
        List<Published> published = new ArrayList<>();
        try (var query = source.prepareStatement("""
                SELECT n.nspname || '.' || c.relname,
                       replace(concat_ws(':', c.oid, r.prattrs, r.prqual IS NULL, c.relreplident, i.indkey), ' ', ',')
                FROM pg_publication p
                JOIN pg_publication_rel r ON r.prpubid = p.oid
                JOIN pg_class c ON c.oid = r.prrelid
                JOIN pg_namespace n ON n.oid = c.relnamespace
                LEFT JOIN pg_index i ON i.indrelid = c.oid
                    AND CASE c.relreplident WHEN 'd' THEN i.indisprimary WHEN 'i' THEN i.indisreplident END
                WHERE p.pubname = ?
                ORDER BY 1
                """)) {
            query.setString(1, name);
            try (var rows = query.executeQuery()) {
                while (rows.next()) {
                    published.add(new Published(rows.getString(1), rows.getString(2)));
                }
            }
        }
        return published;
    }

    /**
     * Begins to take what is published. Large transactions are not spooled while they run, because that would write them as they
     * come in.
     */
    void subscribe(Connection mirror, Feed feed, Endpoint source) throws SQLException {
        String where =
                "host=" + connectionValue(engine.socketDirectory(source.uid()).toString()) + " user=" + feed.name()
                        + " dbname=" + connectionValue(feed.database());
        endLimits(mirror, "CURRENT_USER");
        execute(mirror, "SET statement_timeout = " + SLOT_WITHIN.toMillis());
        try {
            execute(
                    mirror,
                    "CREATE SUBSCRIPTION " + feed.name() + " CONNECTION " + Identifiers.literal(where) + " PUBLICATION "
                            + feed.name() + " WITH (streaming = off, run_as_owner = false, binary = false)");
        } catch (SQLException e) {
            if (SqlState.of(e).equals(SqlState.QUERY_CANCELED)) {
                throw new ControlException(
                        Code.TEMPORARILY_UNAVAILABLE,
                        "a transaction that began before has kept the source from beginning to tell its changes for "
                                + SLOT_WITHIN.toSeconds() + " s. Let it end, and try again.",
                        e);
            }
            throw e;
        }
        execute(mirror, "SET statement_timeout = 0");
    }

    private static String connectionValue(String value) {
        return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'";
    }

    /** Why the source can never tell the mirror its changes again; empty while it can. Needs the source's endpoint to run. */
    Optional<String> lost(Feed feed, Endpoint source) throws SQLException {
        List<Published> changed = new ArrayList<>(feed.tables());
        try (Connection session = engine.connect(source.uid(), feed.database())) {
            changed.removeAll(published(session, feed.name()));
            if (!changed.isEmpty()) {
                return Optional.of("a migration has changed "
                        + changed.stream().map(Published::table).collect(Collectors.joining(", "))
                        + " of the database " + feed.database() + " at its source");
            }
            // A first copy has a slot of its own, which keeps the log, too.
            try (var query = session.prepareStatement("""
                    SELECT m.wal_status, pg_current_wal_insert_lsn() - (
                        SELECT min(s.restart_lsn) FROM pg_replication_slots s
                        WHERE s.database = current_database() AND (s.slot_name = m.slot_name OR s.slot_name LIKE ?))
                    FROM pg_replication_slots m
                    WHERE m.slot_name = ?
                    """)) {
                query.setString(1, slotsOfFirstCopies(feed));
                query.setString(2, feed.name());
                try (var rows = query.executeQuery()) {
                    if (!rows.next() || "lost".equals(rows.getString(1))) {
                        return Optional.of("its source does not keep the log for it any more, as after a restore");
                    }
                    if (rows.getLong(2) > MOST_KEPT_BYTES) {
                        return Optional.of("it has not taken its source's changes for so long that "
                                + (MOST_KEPT_BYTES >> 30) + " GiB of log were kept for it");
                    }
                }
            }
        }
        return Optional.empty();
    }

    /** Where the source's log stands now. */
    Lsn position(Endpoint source) throws SQLException {
        try (Connection session = engine.connect(source.uid(), BranchSessions.HOME);
                var statement = session.createStatement();
                var rows = statement.executeQuery("SELECT pg_current_wal_insert_lsn()::text")) {
            rows.next();
            return Lsn.parse(rows.getString(1));
        }
    }

    /**
     * Waits until the mirror has applied and kept what the source's log held before the position.
     *
     * @return whether it has within that time
     */
    boolean reaches(Feed feed, Endpoint source, Lsn position, Duration within) throws SQLException {
        try (Connection session = engine.connect(source.uid(), feed.database());
                var query = session.prepareStatement(
                        "SELECT confirmed_flush_lsn >= ?::pg_lsn FROM pg_replication_slots WHERE slot_name = ?")) {
            query.setString(1, position.toString());
            query.setString(2, feed.name());
            return Polling.until(within, POLL, () -> {
                try (var rows = query.executeQuery()) {
                    return rows.next() && rows.getBoolean(1);
                }
            });
        }
    }

    /** Log of the source that the mirror has not applied yet, in bytes. */
    long lag(Feed feed, Endpoint source) throws SQLException {
        try (Connection session = engine.connect(source.uid(), feed.database());
                var query = session.prepareStatement("""
                        SELECT greatest(pg_current_wal_flush_lsn() - confirmed_flush_lsn, 0)::bigint
                        FROM pg_replication_slots
                        WHERE slot_name = ?
                        """)) {
            query.setString(1, feed.name());
            try (var rows = query.executeQuery()) {
                return rows.next() ? rows.getLong(1) : 0;
            }
        }
    }

    /**
     * What a subscription does.
     *
     * @param copied whether it has taken the rows that were there when it began
     * @param works whether a process is applying its changes
     * @param failures since the server began to count
     */
    record Progress(boolean copied, boolean works, long failures) {}

    /** Needs the mirror's endpoint to run. */
    Progress progress(Feed feed, Endpoint mirror) throws SQLException {
        try (Connection session = engine.connect(mirror.uid(), feed.database());
                var query = session.prepareStatement("""
                        SELECT NOT EXISTS (
                                   SELECT FROM pg_subscription_rel r WHERE r.srsubid = s.oid AND r.srsubstate <> 'r'),
                               EXISTS (
                                   SELECT FROM pg_stat_subscription a
                                   WHERE a.subid = s.oid AND a.relid IS NULL AND a.pid IS NOT NULL),
                               coalesce((SELECT c.apply_error_count + c.sync_error_count
                                         FROM pg_stat_subscription_stats c WHERE c.subid = s.oid), 0)
                        FROM pg_subscription s
                        WHERE s.subname = ?
                        """)) {
            query.setString(1, feed.name());
            try (var rows = query.executeQuery()) {
                if (!rows.next()) {
                    throw new SQLException("the mirror has no subscription " + feed.name());
                }
                return new Progress(rows.getBoolean(1), rows.getBoolean(2), rows.getLong(3));
            }
        }
    }

    /** PostgreSQL's own words may hold a value that is not masked. */
    String cannotApply(Feed feed, Endpoint mirror) {
        return "PostgreSQL cannot apply what its source sends for " + feed.database()
                + engine.lastErrorState(mirror.uid())
                        .map(state -> " (SQLSTATE " + state + ")")
                        .orElse("")
                + ". The log of its server says more. Put that right at the source, or reset the mirror.";
    }

    /** Takes away what the source holds for the feed. Needs the source's endpoint to run. */
    void takeDown(Feed feed, String sourceEndpointUid) throws SQLException {
        try (Connection session = engine.connect(sourceEndpointUid, feed.database())) {
            FeedAccess.withdraw(session, feed.name());
            try (var end = session.prepareStatement("""
                    SELECT CASE WHEN active_pid IS NULL THEN pg_drop_replication_slot(slot_name) IS NULL
                                ELSE pg_terminate_backend(active_pid, 5000) END
                    FROM pg_replication_slots
                    WHERE database = current_database() AND (slot_name = ? OR slot_name LIKE ?)
                    """)) {
                end.setString(1, feed.name());
                end.setString(2, slotsOfFirstCopies(feed));
                end.execute();
            }
            try (var left = session.prepareStatement("""
                    SELECT FROM pg_replication_slots
                    WHERE database = current_database() AND (slot_name = ? OR slot_name LIKE ?)
                    """)) {
                left.setString(1, feed.name());
                left.setString(2, slotsOfFirstCopies(feed));
                try (var rows = left.executeQuery()) {
                    if (rows.next()) {
                        throw new SQLException("its replication slot is still in use", SqlState.OBJECT_IN_USE);
                    }
                }
            }
        } catch (SQLException e) {
            if (!SqlState.of(e).equals(SqlState.INVALID_CATALOG_NAME)) {
                throw e;
            }
            // The database is gone, and with it all that it held.
        }
        try (Connection session = engine.connect(sourceEndpointUid, BranchSessions.HOME)) {
            FeedAccess.dropRole(session, feed.name());
        }
    }

    /** A pattern for LIKE: they are named after the mirror's cluster. */
    private static String slotsOfFirstCopies(Feed feed) {
        return "pg\\_%\\_sync\\_%\\_" + feed.systemIdentifier();
    }

    private static void execute(Connection session, String sql) throws SQLException {
        try (var statement = session.createStatement()) {
            statement.setEscapeProcessing(false);
            statement.execute(sql);
        }
    }
}
