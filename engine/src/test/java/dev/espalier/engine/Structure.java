package dev.espalier.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;

/** Checks a database as pg_amcheck does: every table's pages, and that every index has what its table has. */
final class Structure {

    private Structure() {}

    /**
     * Needs the extension amcheck. Without parallel workers: where several processes open the same file of a fresh overlay
     * at the same moment, the kernel may interrupt those that wait for the first one to bring it up, and PostgreSQL reports
     * that as an error of the query (could not open file: Interrupted system call).
     */
    static void check(Connection session) throws SQLException {
        try (var statement = session.createStatement()) {
            statement.execute("SET max_parallel_workers_per_gather = 0");
        }
        assertThat(TestEngine.query(session, """
                SELECT string_agg(c.oid::regclass || ' block ' || v.blkno || ': ' || v.msg, '; ')
                FROM pg_class c, LATERAL verify_heapam(c.oid) v
                WHERE c.relkind IN ('r', 't', 'm')
                """)).as("damage of tables").isEqualTo("null");
        TestEngine.query(session, """
                SELECT count(bt_index_check(c.oid, true))
                FROM pg_class c JOIN pg_index i ON i.indexrelid = c.oid JOIN pg_am a ON a.oid = c.relam
                WHERE a.amname = 'btree' AND i.indisready AND i.indisvalid
                """);
        String bySequence = "SET enable_indexscan = off; SET enable_indexonlyscan = off; SET enable_bitmapscan = off";
        String byIndex = "SET enable_seqscan = off; RESET enable_indexscan; RESET enable_indexonlyscan";
        for (String table : new String[] {"accounts", "history"}) {
            String count = "SELECT count(*) FROM " + table;
            assertThat(counted(session, bySequence, count)).isEqualTo(counted(session, byIndex, count));
        }
    }

    private static String counted(Connection session, String settings, String count) throws SQLException {
        try (var statement = session.createStatement()) {
            statement.execute(settings);
        }
        return TestEngine.query(session, count);
    }
}
