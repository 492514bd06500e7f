package dev.espalier.engine;

import dev.espalier.postgres.Lsn;
import java.sql.Connection;
import java.sql.SQLException;

/** How far a running server's log has come, and how much of that still waits in memory. */
final class LogPositions {

    private LogPositions() {}

    /** Position after the last record. */
    static Lsn end(Connection session) throws SQLException {
        try (var statement = session.createStatement();
                var rows = statement.executeQuery("SELECT pg_current_wal_insert_lsn()::text")) {
            rows.next();
            return Lsn.parse(rows.getString(1));
        }
    }

    /**
     * Whether every record is in the log's files. Records of transactions that have not ended may wait in memory, and so do
     * commits with {@code synchronous_commit = off}. The end lies past a page's header where the last record fills a page.
     */
    static boolean isWrittenOut(Connection session) throws SQLException {
        try (var statement = session.createStatement();
                var rows = statement.executeQuery("""
                        SELECT l.end = l.written
                               OR l.written - '0/0' = floor((l.written - '0/0') / 8192) * 8192
                                  AND l.end - l.written IN (24, 40)
                        FROM (SELECT pg_current_wal_flush_lsn(), pg_current_wal_insert_lsn()) l (written, "end")
                        """)) {
            rows.next();
            return rows.getBoolean(1);
        }
    }

    /** Has every record written to the log's files, by the commit of a transaction that changes nothing. */
    static void writeOut(Connection session) throws SQLException {
        if (!isWrittenOut(session)) {
            try (var statement = session.createStatement()) {
                statement.execute("SELECT pg_logical_emit_message(true, 'espalier', '')");
            }
        }
    }
}
