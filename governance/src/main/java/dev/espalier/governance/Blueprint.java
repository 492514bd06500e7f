package dev.espalier.governance;

import dev.espalier.governance.Frame.Mask;
import dev.espalier.governance.Frame.Profile;
import dev.espalier.governance.Frame.RelationAccess;
import dev.espalier.governance.Snapshot.Function;
import dev.espalier.governance.Snapshot.Parameter;
import dev.espalier.governance.Snapshot.QualifiedName;
import dev.espalier.governance.Snapshot.Relation;
import java.sql.Array;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * How the tables of a database are masked on their way to the disk. Kept in the database, so that every copy brings it along.
 *
 * @param functions that masks could call
 */
record Blueprint(List<Table> tables, List<Function> functions) {

    Blueprint {
        tables = List.copyOf(tables);
        functions = List.copyOf(functions);
    }

    /**
     * @param relation as it was when it was masked; one that is read again is an ordinary table without parents
     * @param taken whether its rows are taken; otherwise it stays empty
     * @param filtered whether some of its rows would have to be left out
     * @param columns those of the relation, in its order
     */
    record Table(Relation relation, boolean taken, boolean filtered, List<Column> columns) {

        Table {
            columns = List.copyOf(columns);
        }

        String qualifiedName() {
            return relation.schema() + "." + relation.name();
        }

        Column column(int number) {
            return columns.stream()
                    .filter(each -> each.column().number() == number)
                    .findFirst()
                    .orElseThrow();
        }
    }

    /** @param expression what its values are replaced by, with columns by their numbers in braces; empty for one that is as it is */
    record Column(Snapshot.Column column, Optional<String> expression) {}

    /** @param profile what is shown; everything where it is empty */
    static Blueprint of(Snapshot snapshot, Optional<Profile> profile) {
        Map<Long, RelationAccess> access = new HashMap<>();
        Map<Long, Map<Integer, String>> masks = new HashMap<>();
        Set<Long> filtered = new HashSet<>();
        profile.ifPresent(shown -> {
            shown.relations().forEach(each -> access.put(each.relation(), each));
            for (Mask mask : shown.masks()) {
                masks.computeIfAbsent(mask.relation(), id -> new HashMap<>()).put(mask.column(), mask.expression());
            }
            shown.filters().forEach(filter -> filtered.add(filter.relation()));
        });
        List<Table> tables = snapshot.relations().stream()
                .filter(relation -> relation.kind() == 'r' || relation.kind() == 'p')
                .map(relation -> {
                    Map<Integer, String> own = masks.getOrDefault(relation.id(), Map.of());
                    return new Table(
                            relation,
                            profile.isEmpty()
                                    || Optional.ofNullable(access.get(relation.id()))
                                            .filter(Blueprint::isOpen)
                                            .isPresent(),
                            filtered.contains(relation.id()),
                            relation.columns().stream()
                                    .map(column -> new Column(column, Optional.ofNullable(own.get(column.number()))))
                                    .toList());
                })
                .toList();
        return new Blueprint(tables, snapshot.functions());
    }

    /** Whether the rows can be read. */
    static boolean isOpen(RelationAccess access) {
        return access.reads() && access.closed().isEmpty();
    }

    Table table(long relation) {
        return tables.stream()
                .filter(table -> table.relation().id() == relation)
                .findFirst()
                .orElseThrow();
    }

    /** The database as it was when it was masked, to compile other rules for it. */
    Snapshot snapshot() {
        List<Relation> relations = tables.stream().map(Table::relation).toList();
        return new Snapshot(
                relations.stream().map(Relation::schema).distinct().sorted().toList(), relations, functions);
    }

    void write(Connection session) throws SQLException {
        try (var insert = session.prepareStatement(
                "INSERT INTO espalier_mirror.mirrored_relation (relid, schema, name, known_schema, known_name, taken, filtered,"
                        + " once_schemas, once_names) VALUES (?::oid, ?, ?, ?, ?, ?, ?, ?, ?)")) {
            for (Table table : tables) {
                Relation relation = table.relation();
                insert.setLong(1, relation.id());
                insert.setString(2, relation.schema());
                insert.setString(3, relation.name());
                insert.setString(4, relation.knownSchema());
                insert.setString(5, relation.knownName());
                insert.setBoolean(6, table.taken());
                insert.setBoolean(7, table.filtered());
                insert.setArray(8, texts(session, relation.onceWholes().stream().map(QualifiedName::schema)));
                insert.setArray(9, texts(session, relation.onceWholes().stream().map(QualifiedName::name)));
                insert.addBatch();
            }
            insert.executeBatch();
        }
        try (var insert = session.prepareStatement(
                "INSERT INTO espalier_mirror.mirrored_column (relid, attnum, name, known_name, type, category, says_little,"
                        + " expression) VALUES (?::oid, ?, ?, ?, ?, ?, ?, ?)")) {
            for (Table table : tables) {
                for (Column each : table.columns()) {
                    Snapshot.Column column = each.column();
                    insert.setLong(1, table.relation().id());
                    insert.setInt(2, column.number());
                    insert.setString(3, column.name());
                    insert.setString(4, column.knownName());
                    insert.setString(5, column.type());
                    insert.setString(6, column.category());
                    insert.setBoolean(7, column.saysLittle());
                    insert.setString(8, each.expression().orElse(null));
                    insert.addBatch();
                }
            }
            insert.executeBatch();
        }
        writeFunctions(session);
    }

    private void writeFunctions(Connection session) throws SQLException {
        try (var insert = session.prepareStatement(
                "INSERT INTO espalier_mirror.mirrored_function (id, schema, name, parameters, categories, optional, returns,"
                        + " category, runs_as_owner, unfit, open, pinned) VALUES (?::oid, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")) {
            for (Function function : functions) {
                insert.setLong(1, function.id());
                insert.setString(2, function.schema());
                insert.setString(3, function.name());
                insert.setArray(4, array(session, function, Parameter::type));
                insert.setArray(5, array(session, function, Parameter::category));
                insert.setInt(6, function.optional());
                insert.setString(7, function.returns());
                insert.setString(8, function.returnsCategory());
                insert.setBoolean(9, function.runsAsOwner());
                insert.setString(10, function.unfit());
                insert.setBoolean(11, function.open());
                insert.setBoolean(12, function.loose().isEmpty());
                insert.addBatch();
            }
            insert.executeBatch();
        }
    }

    private static Array array(Connection session, Function function, java.util.function.Function<Parameter, String> of)
            throws SQLException {
        return texts(session, function.parameters().stream().map(of));
    }

    private static Array texts(Connection session, Stream<String> texts) throws SQLException {
        return session.createArrayOf("text", texts.toArray());
    }

    private static List<Function> readFunctions(Connection session) throws SQLException {
        List<Function> functions = new ArrayList<>();
        try (var statement = session.createStatement();
                var rows = statement.executeQuery("""
                        SELECT id, schema, name, parameters, categories, optional, returns, category, runs_as_owner, unfit, open,
                               pinned
                        FROM espalier_mirror.mirrored_function
                        ORDER BY id
                        """)) {
            while (rows.next()) {
                String[] types = (String[]) rows.getArray(4).getArray();
                String[] categories = (String[]) rows.getArray(5).getArray();
                functions.add(new Function(
                        rows.getLong(1),
                        rows.getString(2),
                        rows.getString(3),
                        IntStream.range(0, types.length)
                                .mapToObj(i -> new Parameter(types[i], categories[i]))
                                .toList(),
                        rows.getInt(6),
                        rows.getString(7),
                        rows.getString(8),
                        rows.getBoolean(9),
                        rows.getString(10),
                        rows.getBoolean(11),
                        rows.getBoolean(12) ? "" : "could be made to run its caller's code"));
            }
        }
        return functions;
    }

    /** Reads the one that is kept in the database. Only the superuser can have made it; empty where there is none. */
    static Optional<Blueprint> read(Connection session) throws SQLException {
        try (var statement = session.createStatement();
                var there = statement.executeQuery(
                        "SELECT FROM pg_catalog.pg_namespace WHERE nspname = 'espalier_mirror' AND nspowner = 10")) {
            if (!there.next()) {
                return Optional.empty();
            }
        }
        Map<Long, List<Column>> columns = new HashMap<>();
        try (var statement = session.createStatement();
                var rows = statement.executeQuery("""
                        SELECT relid, attnum, name, known_name, type, category, says_little, expression
                        FROM espalier_mirror.mirrored_column
                        ORDER BY relid, attnum
                        """)) {
            while (rows.next()) {
                columns.computeIfAbsent(rows.getLong(1), id -> new ArrayList<>())
                        .add(new Column(
                                new Snapshot.Column(
                                        rows.getInt(2),
                                        rows.getString(3),
                                        rows.getString(4),
                                        rows.getString(5),
                                        rows.getString(6),
                                        rows.getBoolean(7)),
                                Optional.ofNullable(rows.getString(8))));
            }
        }
        List<Table> tables = new ArrayList<>();
        try (var statement = session.createStatement();
                var rows = statement.executeQuery("""
                        SELECT relid, schema, name, known_schema, known_name, taken, filtered,
                               -- The first versions had none.
                               ARRAY(SELECT jsonb_array_elements_text(to_jsonb(r) -> 'once_schemas')),
                               ARRAY(SELECT jsonb_array_elements_text(to_jsonb(r) -> 'once_names'))
                        FROM espalier_mirror.mirrored_relation r
                        ORDER BY relid
                        """)) {
            while (rows.next()) {
                List<Column> own = columns.getOrDefault(rows.getLong(1), List.of());
                String[] schemas = (String[]) rows.getArray(8).getArray();
                String[] names = (String[]) rows.getArray(9).getArray();
                Relation relation = new Relation(
                        rows.getLong(1),
                        rows.getString(2),
                        rows.getString(3),
                        'r',
                        rows.getString(4),
                        rows.getString(5),
                        List.of(),
                        true,
                        own.stream().map(Column::column).toList(),
                        IntStream.range(0, names.length)
                                .mapToObj(i -> new QualifiedName(schemas[i], names[i]))
                                .toList());
                tables.add(new Table(relation, rows.getBoolean(6), rows.getBoolean(7), own));
            }
        }
        return Optional.of(new Blueprint(tables, readFunctions(session)));
    }
}
