package dev.espalier.governance;

import dev.espalier.control.metastore.Policy;
import dev.espalier.control.metastore.Rules;
import dev.espalier.governance.Snapshot.Column;
import dev.espalier.governance.Snapshot.Function;
import dev.espalier.governance.Snapshot.Parameter;
import dev.espalier.governance.Snapshot.QualifiedName;
import dev.espalier.governance.Snapshot.Relation;
import java.sql.Array;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Reads what there is to govern, from PostgreSQL's catalogs and what is installed. */
final class SnapshotReader {

    private static final String RELATIONS = Resource.text("snapshot.sql");
    private static final String FUNCTIONS = Resource.text("functions.sql");

    private SnapshotReader() {}

    static Snapshot read(Connection session, Rules rules) throws SQLException {
        return new Snapshot(schemas(session), relations(session), functions(session, rules));
    }

    private static List<String> schemas(Connection session) throws SQLException {
        List<String> names = new ArrayList<>();
        try (var statement = session.createStatement();
                var rows = statement.executeQuery(
                        "SELECT nspname FROM espalier_governance.governed_schema ORDER BY nspname")) {
            while (rows.next()) {
                names.add(rows.getString(1));
            }
        }
        return names;
    }

    private static List<Relation> relations(Connection session) throws SQLException {
        List<Relation> relations = new ArrayList<>();
        try (var statement = session.createStatement();
                var rows = statement.executeQuery(RELATIONS)) {
            while (rows.next()) {
                List<Long> parents = new ArrayList<>();
                for (Object parent : array(rows, 7)) {
                    parents.add(((Number) parent).longValue());
                }
                relations.add(new Relation(
                        rows.getLong(1),
                        rows.getString(2),
                        rows.getString(3),
                        rows.getString(4).charAt(0),
                        rows.getString(5),
                        rows.getString(6),
                        parents,
                        rows.getBoolean(8),
                        columns(rows),
                        wholes(rows)));
            }
        }
        return relations;
    }

    private static List<QualifiedName> wholes(ResultSet rows) throws SQLException {
        Object[] schemas = array(rows, 15);
        Object[] names = array(rows, 16);
        return IntStream.range(0, names.length)
                .mapToObj(i -> new QualifiedName((String) schemas[i], (String) names[i]))
                .toList();
    }

    private static List<Column> columns(ResultSet rows) throws SQLException {
        Object[] numbers = array(rows, 9);
        Object[] names = array(rows, 10);
        Object[] known = array(rows, 11);
        Object[] types = array(rows, 12);
        Object[] categories = array(rows, 13);
        Object[] little = array(rows, 14);
        List<Column> columns = new ArrayList<>(numbers.length);
        for (int i = 0; i < numbers.length; i++) {
            columns.add(new Column(
                    ((Number) numbers[i]).intValue(),
                    (String) names[i],
                    (String) known[i],
                    (String) types[i],
                    (String) categories[i],
                    (Boolean) little[i]));
        }
        return columns;
    }

    private static List<Function> functions(Connection session, Rules rules) throws SQLException {
        List<String> schemas = new ArrayList<>();
        List<String> names = new ArrayList<>();
        for (Policy policy : rules.policies()) {
            FunctionName.parse(rules.catalog(), policy.effect().function()).ifPresent(name -> {
                schemas.add(name.schema());
                names.add(name.name());
            });
        }
        List<Function> functions = new ArrayList<>();
        try (var query = session.prepareStatement(FUNCTIONS)) {
            query.setArray(1, session.createArrayOf("text", schemas.toArray()));
            query.setArray(2, session.createArrayOf("text", names.toArray()));
            try (var rows = query.executeQuery()) {
                while (rows.next()) {
                    Object[] types = array(rows, 4);
                    Object[] categories = array(rows, 5);
                    List<Parameter> parameters = new ArrayList<>();
                    for (int i = 0; i < types.length; i++) {
                        parameters.add(new Parameter((String) types[i], (String) categories[i]));
                    }
                    functions.add(new Function(
                            rows.getLong(1),
                            rows.getString(2),
                            rows.getString(3),
                            parameters,
                            rows.getInt(6),
                            rows.getString(7),
                            rows.getString(8),
                            rows.getBoolean(9),
                            rows.getString(10),
                            rows.getBoolean(11),
                            rows.getString(12)));
                }
            }
        }
        return functions;
    }

    private static Object[] array(ResultSet rows, int column) throws SQLException {
        Array array = rows.getArray(column);
        return array == null ? new Object[0] : (Object[]) array.getArray();
    }
}
