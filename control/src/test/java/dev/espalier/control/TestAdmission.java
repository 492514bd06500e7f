package dev.espalier.control;

import dev.espalier.control.admission.Admission;
import dev.espalier.control.admission.Masking;
import dev.espalier.control.admission.Proof;
import dev.espalier.control.admission.ProvedState;
import dev.espalier.control.admission.Sight;
import dev.espalier.control.admission.Stamp;
import dev.espalier.control.metastore.ColumnName;
import dev.espalier.control.metastore.MaskFunction;
import dev.espalier.control.metastore.Policy;
import dev.espalier.control.metastore.Rules;
import dev.espalier.control.metastore.Subject;
import dev.espalier.control.request.ControlException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Stands for the compiler of rules: of each table with masked columns it makes a view in the schema {@code espalier_seen} in
 * which these are NULL. It remembers what it was asked.
 */
final class TestAdmission implements Admission, Masking {

    static final List<String> CHECKS = List.of("nobody reads a masked column");

    /** Which rules a database was brought under. */
    record Admitted(String database, Rules rules) {}

    /** A role that was prepared. */
    record Prepared(String database, String principal) {}

    final List<Admitted> admitted = new CopyOnWriteArrayList<>();
    final List<Prepared> prepared = new CopyOnWriteArrayList<>();

    /** Databases that masks were taken out of. */
    final List<String> released = new CopyOnWriteArrayList<>();

    /** Work in a session. */
    interface Work {
        void in(Connection session) throws SQLException;
    }

    /** What it does before anything else. */
    volatile Work first = session -> {};

    /** What it does before it tells whose rules a database has. */
    volatile Work asked = session -> {};

    /** Tells of the state of a database. */
    interface State {
        Optional<Stamp> in(Connection session) throws SQLException;
    }

    /** By which it knows databases again; it knows none. */
    volatile State state = session -> Optional.empty();

    /** Whether it tells the state of what is open. */
    volatile boolean remembers = true;

    /** Epochs of the rules under which it has proved what is open. */
    final List<Long> remembered = new CopyOnWriteArrayList<>();

    /** What it fails with, until it is taken away. */
    volatile Optional<String> failure = Optional.empty();

    /** What it warns of. */
    volatile List<String> warnings = List.of();

    /** Whether it makes views; otherwise it only remembers. */
    volatile boolean makesViews = true;

    static List<MaskFunction> functions() {
        MaskFunction.Parameter value = new MaskFunction.Parameter("value", "text");
        return List.of(
                new MaskFunction("redact", List.of(value), false, "text", false, "Nothing of it."),
                new MaskFunction("token", List.of(value), false, "text", true, "The same for the same value."),
                new MaskFunction(
                        "keep_last",
                        List.of(value, new MaskFunction.Parameter("count", "integer")),
                        false,
                        "text",
                        false,
                        "Only the end of it."),
                new MaskFunction(
                        "is_one_of",
                        List.of(value, new MaskFunction.Parameter("allowed", "text")),
                        true,
                        "boolean",
                        false,
                        "Whether it is one of these."));
    }

    @Override
    public Proof admit(Connection session, Rules rules, Optional<Subject> maskedFor) throws SQLException {
        first.in(session);
        if (failure.isPresent()) {
            throw new ControlException(ControlException.Code.INVALID_STATE, failure.get());
        }
        if (makesViews) {
            makeViews(session, rules);
        }
        admitted.add(new Admitted(session.getCatalog(), rules));
        boolean governed = !rules.isEmpty();
        return new Proof(
                governed, rules.epoch(), "f" + rules.epoch(), governed ? CHECKS : List.of(), warnings, List.of());
    }

    private static void makeViews(Connection session, Rules rules) throws SQLException {
        Map<String, List<String>> masked = new LinkedHashMap<>();
        rules.policies().stream()
                .filter(policy -> policy.effect() instanceof Policy.ColumnMask)
                .forEach(policy -> rules.columnTags().forEach((column, tags) -> {
                    if (policy.match().stream()
                            .anyMatch(match -> match.condition().holds(tags))) {
                        masked.computeIfAbsent(table(column), _ -> new ArrayList<>())
                                .add(column.column());
                    }
                }));
        try (var statement = session.createStatement()) {
            statement.execute("DROP SCHEMA IF EXISTS espalier_seen CASCADE");
            statement.execute("CREATE SCHEMA espalier_seen");
            statement.execute("COMMENT ON SCHEMA espalier_seen IS '" + rules.catalog() + "'");
            for (var table : masked.entrySet()) {
                statement.execute(
                        "CREATE VIEW espalier_seen." + table.getKey().replaceFirst(".*\\.", "") + " AS SELECT "
                                + columns(session, table.getKey(), table.getValue()) + " FROM " + table.getKey());
            }
        }
    }

    private static String table(ColumnName column) {
        return column.schema() + "." + column.table();
    }

    private static String columns(Connection session, String table, List<String> masked) throws SQLException {
        List<String> columns = new ArrayList<>();
        try (var statement = session.createStatement();
                var rows = statement.executeQuery("SELECT * FROM " + table + " LIMIT 0")) {
            for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
                String name = rows.getMetaData().getColumnName(i);
                columns.add(masked.contains(name) ? "NULL AS " + name : name);
            }
        }
        return String.join(", ", columns);
    }

    @Override
    public Optional<Stamp> stamp(Connection session) throws SQLException {
        return state.in(session);
    }

    @Override
    public Remembered remember(Connection session, Rules rules) throws SQLException {
        Optional<Stamp> stamp = remembers ? state.in(session) : Optional.empty();
        remembered.add(rules.epoch());
        return new Remembered(
                false,
                stamp.map(known -> new ProvedState(
                        known, new Proof(true, rules.epoch(), "f" + rules.epoch(), CHECKS, List.of(), List.of()))));
    }

    @Override
    public Optional<String> catalog(Connection session) throws SQLException {
        asked.in(session);
        try (var statement = session.createStatement();
                var rows = statement.executeQuery(
                        "SELECT obj_description(to_regnamespace('espalier_seen'), 'pg_namespace')")) {
            rows.next();
            return Optional.ofNullable(rows.getString(1));
        }
    }

    @Override
    public Sight sight(Connection session, String principal) {
        return Sight.FREE;
    }

    @Override
    public Sight prepareRole(Connection session, String principal) throws SQLException {
        prepared.add(new Prepared(session.getCatalog(), principal));
        return Sight.FREE;
    }

    /** Masks nothing. */
    @Override
    public List<Taken> prepare(Connection source, Connection mirror, Rules rules, Subject subject) throws SQLException {
        List<Taken> taken = new ArrayList<>();
        try (var statement = mirror.createStatement();
                var rows = statement.executeQuery("""
                        SELECT c.relname, ARRAY(SELECT a.attname::text FROM pg_attribute a
                                                WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped)
                        FROM pg_class c JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary
                        WHERE c.relnamespace = 'public'::regnamespace
                        ORDER BY c.relname
                        """)) {
            while (rows.next()) {
                taken.add(new Taken("public", rows.getString(1), List.of((String[])
                        rows.getArray(2).getArray())));
            }
        }
        return taken;
    }

    @Override
    public void release(Connection session) throws SQLException {
        released.add(session.getCatalog());
    }
}
