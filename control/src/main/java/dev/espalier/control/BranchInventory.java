package dev.espalier.control;

import dev.espalier.control.classifier.ColumnSample;
import dev.espalier.control.metastore.Catalog;
import dev.espalier.control.metastore.ColumnSamples;
import dev.espalier.control.metastore.Inventory;
import dev.espalier.control.metastore.LiveCatalog;
import dev.espalier.control.metastore.LiveCatalog.Column;
import dev.espalier.control.metastore.LiveCatalog.Table;
import dev.espalier.control.metastore.LiveCatalogReader;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Jdbi;

/** Reads what lies in a catalog from its project's default branch. */
final class BranchInventory implements Inventory, ColumnSamples {

    /** Most rows of a table that are looked at. */
    private static final int ROWS = 500;

    /** Tables with more rows than this are looked at all over, and not only at their beginning. */
    private static final long LARGE = 5_000;

    /** Longest part of a value that is looked at, in characters. */
    private static final int LONGEST = 4000;

    /** Types whose output runs no code of users. */
    private static final Pattern TEXT =
            Pattern.compile("(text|character varying|character|json|jsonb|inet|citext)(\\(\\d+\\))?(\\[\\])?");

    private static final Pattern DATE = Pattern.compile("date|timestamp.*");

    /** SQLSTATE invalid_catalog_name. */
    private static final String NO_DATABASE = "3D000";

    private final Jdbi jdbi;
    private final BranchSessions sessions;

    BranchInventory(Jdbi jdbi, BranchSessions sessions) {
        this.jdbi = jdbi;
        this.sessions = sessions;
    }

    @Override
    public LiveCatalog of(Catalog catalog) {
        try {
            return sessions.inWarm(branch(catalog), catalog.database(), LiveCatalogReader::read);
        } catch (ControlException e) {
            if (e.getCause() instanceof SQLException cause && NO_DATABASE.equals(cause.getSQLState())) {
                return LiveCatalog.EMPTY;
            }
            throw e;
        }
    }

    private Branch branch(Catalog catalog) {
        return jdbi.withHandle(handle -> ProjectTable.byUid(handle, catalog.projectUid())
                .flatMap(Project::defaultBranchUid)
                .flatMap(uid -> BranchTable.byUid(handle, uid))
                .orElseThrow(() -> Finder.noProject(catalog.projectId())));
    }

    @Override
    public List<ColumnSample> of(Catalog catalog, Table table) {
        List<String> texts = names(table, TEXT);
        List<ColumnSample> samples = new ArrayList<>();
        names(table, DATE).forEach(date -> samples.add(new ColumnSample(date, true, List.of())));
        if (!texts.isEmpty()) {
            samples.addAll(
                    sessions.with(branch(catalog), catalog.database(), session -> sample(session, table, texts)));
        }
        return samples;
    }

    private static List<String> names(Table table, Pattern type) {
        return table.columns().stream()
                .filter(column -> type.matcher(column.type()).matches())
                .map(Column::name)
                .toList();
    }

    private static List<ColumnSample> sample(Connection session, Table table, List<String> columns)
            throws SQLException {
        session.setAutoCommit(false);
        try (var statement = session.createStatement()) {
            statement.execute("SET TRANSACTION READ ONLY");
            statement.execute("SET LOCAL search_path = pg_catalog");
            statement.execute("SET LOCAL statement_timeout = '5s'");
            statement.execute("SET LOCAL lock_timeout = '1s'");
            statement.execute("SET LOCAL row_security = off");
            List<List<String>> values = new ArrayList<>();
            columns.forEach(_ -> values.add(new ArrayList<>()));
            try (var rows = statement.executeQuery(query(table, columns, rows(session, table)))) {
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
        } finally {
            session.rollback();
        }
    }

    private static String query(Table table, List<String> columns, long rows) {
        String sample = rows > LARGE
                // Twice as many as wanted, for pages are not equally full.
                ? " TABLESAMPLE SYSTEM ("
                        + BigDecimal.valueOf(200.0 * ROWS / rows).toPlainString() + ")"
                : "";
        return "SELECT "
                + columns.stream()
                        .map(column -> "left(" + RoleStatements.quoted(column) + "::text, " + LONGEST + ")")
                        .collect(Collectors.joining(", "))
                + " FROM " + RoleStatements.quoted(table.schema()) + "." + RoleStatements.quoted(table.name()) + sample
                + " LIMIT " + ROWS;
    }

    /** As PostgreSQL last counted, or estimated, them; less than none where it never has. */
    private static long rows(Connection session, Table table) throws SQLException {
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
