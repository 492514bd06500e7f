package dev.espalier.schema.ddl;

import dev.espalier.schema.model.DatabaseSchema;
import dev.espalier.schema.model.Kind;
import dev.espalier.schema.model.SchemaObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** Constraints of tables, foreign keys, and indexes: what an index can be set to is the same for all that have one. */
final class ConstraintSql implements ObjectSql {

    private final DatabaseSchema to;

    ConstraintSql(DatabaseSchema to) {
        this.to = to;
    }

    @Override
    public List<String> create(SchemaObject object, List<SchemaObject> parts) {
        List<String> statements = new ArrayList<>();
        statements.add(
                object.id().kind() == Kind.INDEX
                        ? object.required("definition")
                        : table(object) + " ADD CONSTRAINT " + object.id().quotedPart() + " "
                                + object.required("definition")
                                + (object.property("valid").isPresent() ? " NOT VALID" : ""));
        statements.addAll(settings(object.with(Map.of()), object));
        return statements;
    }

    @Override
    public List<String> drop(SchemaObject object) {
        return List.of(
                object.id().kind() == Kind.INDEX
                        ? "DROP " + Reference.of(object)
                        : table(object) + " DROP CONSTRAINT " + object.id().quotedPart());
    }

    @Override
    public Alteration alter(SchemaObject from, SchemaObject to, Set<String> changed) {
        List<String> statements = new ArrayList<>();
        if (changed.contains("valid")) {
            if (from.id().kind() == Kind.INDEX || to.property("valid").isPresent()) {
                return new Alteration.Replace();
            }
            statements.add(table(to) + " VALIDATE CONSTRAINT " + to.id().quotedPart());
        }
        if (changed.contains("definition")) {
            return new Alteration.Replace();
        }
        statements.addAll(settings(from, to));
        return new Alteration.InPlace(statements);
    }

    private List<String> settings(SchemaObject from, SchemaObject index) {
        Set<String> changed = Properties.changed(from, index);
        String alter = "ALTER INDEX " + Reference.index(index.id());
        List<String> statements = new ArrayList<>();
        if (changed.contains("options")) {
            Options.changes(from.property("options"), index.property("options"))
                    .forEach(action -> statements.add(alter + " " + action));
        }
        if (changed.contains("tablespace")) {
            statements.add(
                    alter + " SET TABLESPACE " + index.property("tablespace").orElse("pg_default"));
        }
        if (changed.contains("statistics targets")) {
            targets(from).forEach(column -> statements.add(alter + " ALTER COLUMN " + column + " SET STATISTICS -1"));
            index.property("statistics targets").stream()
                    .flatMap(targets -> Stream.of(targets.split(", ")))
                    .map(target -> target.split(": "))
                    .forEach(target ->
                            statements.add(alter + " ALTER COLUMN " + target[0] + " SET STATISTICS " + target[1]));
        }
        if (changed.contains("clustered")) {
            if (index.is("clustered")) {
                statements.add(table(index) + " CLUSTER ON " + index.id().quotedPart());
            } else if (!isClusteredByAnother(index)) {
                statements.add(table(index) + " SET WITHOUT CLUSTER");
            }
        }
        if (changed.contains("replica identity") && index.is("replica identity")) {
            statements.add(
                    table(index) + " REPLICA IDENTITY USING INDEX " + index.id().quotedPart());
        }
        return statements;
    }

    private static Stream<String> targets(SchemaObject index) {
        return index.property("statistics targets").stream()
                .flatMap(targets -> Stream.of(targets.split(", ")))
                .map(target -> target.substring(0, target.indexOf(':')));
    }

    private boolean isClusteredByAnother(SchemaObject index) {
        return index.whole().stream()
                .flatMap(table ->
                        Stream.concat(to.parts(table, Kind.INDEX).stream(), to.parts(table, Kind.CONSTRAINT).stream()))
                .anyMatch(other -> other.is("clustered"));
    }

    private static String table(SchemaObject object) {
        String kind =
                object.whole().filter(w -> w.kind() == Kind.MATERIALIZED_VIEW).isPresent()
                        ? "MATERIALIZED VIEW "
                        : "TABLE ";
        return "ALTER " + kind + object.id().qualifiedName();
    }
}
