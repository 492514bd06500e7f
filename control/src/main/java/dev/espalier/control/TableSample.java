package dev.espalier.control;

import dev.espalier.control.classifier.ColumnSample;
import dev.espalier.control.metastore.LiveCatalog.Table;
import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.ControlException.Code;
import dev.espalier.postgres.Identifiers;
import dev.espalier.postgres.SqlState;
import dev.espalier.postgres.Transactions;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Some values of a table, read by the superuser without running code of users. Reading a view runs its functions, and the planner
 * runs those that are in indexes, statistics and partition keys: the table is locked against all that could bring such in, and
 * then looked at. A name is the table's own only for as long as no schema is renamed.
 */
final class TableSample {

    /** Most rows of a table that are looked at. */
    private static final int ROWS = 500;

    /** Tables with more rows than this are looked at all over, and not only at their beginning. */
    private static final long LARGE = 5_000;

    /** Longest part of a value that is looked at, in characters. */
    private static final int LONGEST = 4000;

    /** The table, and all that is read with it. */
    private static final String TREE = """
            WITH RECURSIVE tree AS (
                SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE n.nspname = ? AND c.relname = ?
                UNION
                SELECT i.inhrelid FROM pg_inherits i JOIN tree t ON t.oid = i.inhparent
            )
            """;

    private static final String IS_LOCKED_TABLE = TREE + """
            SELECT count(*) > 0 AND bool_and(c.relkind IN ('r', 'p') AND EXISTS (
                SELECT FROM pg_locks l
                WHERE l.relation = t.oid AND l.pid = pg_backend_pid() AND l.mode = 'ShareUpdateExclusiveLock' AND l.granted
                  AND l.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())))
            FROM tree t JOIN pg_class c ON c.oid = t.oid
            """;

    /** Only a superuser makes functions in C, and base types. */
    private static final String IS_FREE_OF_CODE = TREE + """
            , planned AS (
                SELECT 'pg_class'::regclass AS class, t.oid FROM tree t
                UNION ALL
                SELECT 'pg_class'::regclass, i.indexrelid FROM pg_index i JOIN tree t ON t.oid = i.indrelid
                UNION ALL
                SELECT 'pg_statistic_ext'::regclass, s.oid FROM pg_statistic_ext s JOIN tree t ON t.oid = s.stxrelid
            )
            SELECT NOT EXISTS (
                SELECT FROM planned p
                JOIN pg_depend d ON d.classid = p.class AND d.objid = p.oid AND d.objsubid = 0
                LEFT JOIN pg_operator o ON d.refclassid = 'pg_operator'::regclass AND o.oid = d.refobjid
                LEFT JOIN pg_proc f ON f.oid = coalesce(o.oprcode::oid,
                    CASE WHEN d.refclassid = 'pg_proc'::regclass THEN d.refobjid END)
                LEFT JOIN pg_language l ON l.oid = f.prolang
                LEFT JOIN pg_type y ON d.refclassid = 'pg_type'::regclass AND y.oid = d.refobjid
                WHERE f.oid >= 16384 AND l.lanname NOT IN ('c', 'internal')
                   OR y.oid >= 16384 AND NOT (y.typtype = 'e' OR y.typtype = 'b' AND y.typelem = 0))
            """;

    private static final String BUILT_IN = """
            SELECT a.attname
            FROM pg_attribute a
            JOIN pg_class c ON c.oid = a.attrelid
            JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname = ? AND c.relname = ? AND a.attname = ANY (?) AND a.atttypid < 16384 AND a.attgenerated <> 'v'
            """;

    private final Connection session;
    private final Table table;

    /** @param session of the superuser; what it has begun is rolled back */
    TableSample(Connection session, Table table) {
        this.session = session;
        this.table = table;
    }

    /** @throws ControlException without PostgreSQL's own words, which may hold values */
    List<ColumnSample> of(List<String> columns) {
        try {
            return Transactions.rolledBack(session, () -> sample(columns));
        } catch (SQLException e) {
            throw new ControlException(Code.INVALID_STATE, why(e), e);
        }
    }

    private List<ColumnSample> sample(List<String> columns) throws SQLException {
        lock();
        if (!holds(IS_LOCKED_TABLE)) {
            throw new ControlException(
                    Code.INVALID_STATE,
                    "it, or what is read with it, is not a table alone (a view or a foreign table runs code of users).");
        }
        if (!holds(IS_FREE_OF_CODE)) {
            throw new ControlException(
                    Code.INVALID_STATE,
                    "an index, a statistics object or a partition key of it uses a function or a type that users have"
                            + " made, and their code would run.");
        }
        List<ColumnSample> samples = new ArrayList<>(read(builtIn(columns)));
        columns.stream()
                .filter(column ->
                        samples.stream().noneMatch(sample -> sample.column().equals(column)))
                .forEach(column -> samples.add(new ColumnSample(column, false, List.of())));
        return samples;
    }

    private static String why(SQLException e) {
        return switch (String.valueOf(e.getSQLState())) {
            case SqlState.LOCK_NOT_AVAILABLE ->
                "somebody holds a lock on it, or changes a schema (SQLSTATE 55P03). Try again later.";
            case SqlState.QUERY_CANCELED -> "it cannot be read in time (SQLSTATE 57014).";
            default -> "it cannot be read (SQLSTATE " + e.getSQLState() + ").";
        };
    }

    private void lock() throws SQLException {
        BranchSessions.execute(session, "SET TRANSACTION READ ONLY");
        BranchSessions.execute(session, "SET LOCAL search_path = pg_catalog");
        BranchSessions.execute(session, "SET LOCAL statement_timeout = '5s'");
        // Longer than deadlock_timeout, after which a vacuum gives way.
        BranchSessions.execute(session, "SET LOCAL lock_timeout = '3s'");
        BranchSessions.execute(session, "SET LOCAL row_security = off");
        BranchSessions.execute(
                session,
                "SELECT set_config(name, 'view, foreign-table', true) FROM pg_settings"
                        + " WHERE name = 'restrict_nonsystem_relation_kind'");
        BranchSessions.execute(session, "LOCK TABLE " + name() + " IN SHARE UPDATE EXCLUSIVE MODE");
        BranchSessions.execute(session, "LOCK TABLE pg_namespace IN SHARE MODE NOWAIT");
    }

    private boolean holds(String condition) throws SQLException {
        try (var query = session.prepareStatement(condition)) {
            query.setString(1, table.schema());
            query.setString(2, table.name());
            try (var rows = query.executeQuery()) {
                return rows.next() && rows.getBoolean(1);
            }
        }
    }

    /** Those of the columns whose values become text by PostgreSQL's own functions. */
    private List<String> builtIn(List<String> columns) throws SQLException {
        try (var query = session.prepareStatement(BUILT_IN)) {
            query.setString(1, table.schema());
            query.setString(2, table.name());
            query.setArray(3, session.createArrayOf("text", columns.toArray()));
            List<String> names = new ArrayList<>();
            try (var rows = query.executeQuery()) {
                while (rows.next()) {
                    names.add(rows.getString(1));
                }
            }
            return names;
        }
    }

    private List<ColumnSample> read(List<String> columns) throws SQLException {
        if (columns.isEmpty()) {
            return List.of();
        }
        List<List<String>> values = new ArrayList<>();
        columns.forEach(_ -> values.add(new ArrayList<>()));
        try (var statement = session.createStatement();
                var rows = statement.executeQuery(query(columns))) {
            while (rows.next()) {
                for (int i = 0; i < columns.size(); i++) {
                    String value = rows.getString(i + 1);
                    if (value != null && !value.isBlank()) {
                        values.get(i).add(value);
                    }
                }
            }
        }
        List<ColumnSample> samples = new ArrayList<>();
        for (int i = 0; i < columns.size(); i++) {
            samples.add(new ColumnSample(columns.get(i), false, values.get(i)));
        }
        return samples;
    }

    private String query(List<String> columns) throws SQLException {
        long rows = rows();
        String sample = rows > LARGE
                // Twice as many as wanted, for pages are not equally full.
                ? " TABLESAMPLE SYSTEM ("
                        + BigDecimal.valueOf(200.0 * ROWS / rows).toPlainString() + ")"
                : "";
        return "SELECT "
                + columns.stream()
                        .map(column -> "left(" + Identifiers.quoted(column) + "::text, " + LONGEST + ")")
                        .collect(Collectors.joining(", "))
                + " FROM " + name() + sample + " LIMIT " + ROWS;
    }

    private String name() {
        return Identifiers.quoted(table.schema()) + "." + Identifiers.quoted(table.name());
    }

    /** As PostgreSQL last counted, or estimated, them; less than none where it never has. */
    private long rows() throws SQLException {
        try (var query = session.prepareStatement("""
                SELECT c.reltuples::bigint
                FROM pg_class c
                JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE n.nspname = ? AND c.relname = ?""")) {
            query.setString(1, table.schema());
            query.setString(2, table.name());
            try (var rows = query.executeQuery()) {
                return rows.next() ? rows.getLong(1) : -1;
            }
        }
    }
}
