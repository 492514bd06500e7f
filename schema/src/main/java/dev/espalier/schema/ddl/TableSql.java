package dev.espalier.schema.ddl;

import dev.espalier.schema.model.DatabaseSchema;
import dev.espalier.schema.model.Kind;
import dev.espalier.schema.model.SchemaObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Tables. What they hold is never dropped to change them. */
final class TableSql implements ObjectSql {

    private static final String PARTITION_KEY = "partition key";

    private final DatabaseSchema to;
    private final Heritage heritage;

    TableSql(DatabaseSchema to, Heritage heritage) {
        this.to = to;
        this.heritage = heritage;
    }

    @Override
    public List<String> create(SchemaObject object, List<SchemaObject> parts) {
        List<SchemaObject> parents = only(Kind.INHERITANCE, parts);
        Optional<String> bound = parents.stream().findFirst().flatMap(parent -> parent.property("bound"));
        String columns = bound.isPresent() ? "" : " (" + columns(parts) + ")";
        String inherits = bound.map(
                        b -> " PARTITION OF " + parents.getFirst().id().part() + overrides(parts) + " " + b)
                .orElse(parents.isEmpty() ? "" : " INHERITS (" + names(parents) + ")");
        return Stream.of(
                        Stream.of(
                                "CREATE " + (object.is("unlogged") ? "UNLOGGED " : "") + Reference.of(object) + columns
                                        + inherits
                                        + object.property(PARTITION_KEY)
                                                .map(key -> " PARTITION BY " + key)
                                                .orElse("")
                                        + object.property("access method")
                                                .map(method -> " USING " + method)
                                                .orElse("")
                                        + Options.with(object.property("options"))
                                        + object.property("tablespace")
                                                .map(t -> " TABLESPACE " + t)
                                                .orElse("")),
                        security(object, object.properties().keySet()),
                        identity(object, object.properties().keySet()))
                .flatMap(statements -> statements)
                .toList();
    }

    @Override
    public List<String> drop(SchemaObject object) {
        return List.of("DROP " + Reference.of(object));
    }

    @Override
    public Alteration alter(SchemaObject from, SchemaObject to, Set<String> changed) {
        if (changed.contains(PARTITION_KEY)) {
            return new Alteration.Impossible("a table's partition key cannot be changed: make a table with the new key,"
                    + " copy the rows and rename");
        }
        String alter = "ALTER " + Reference.of(to);
        List<String> statements = new ArrayList<>();
        List<String> warnings = new ArrayList<>();
        if (changed.contains("unlogged")) {
            statements.add(alter + logging(to));
            if (to.is("unlogged")) {
                warnings.add("the table's rows are lost when PostgreSQL crashes, and on a branch made while it runs");
            }
            sequencesOf(to).forEach(sequence -> statements.add("ALTER " + Reference.of(sequence) + logging(sequence)));
        }
        if (changed.contains("access method")) {
            statements.add(
                    alter + " SET ACCESS METHOD " + to.property("access method").orElse("heap"));
        }
        if (changed.contains("tablespace")) {
            statements.add(
                    alter + " SET TABLESPACE " + to.property("tablespace").orElse("pg_default"));
        }
        if (changed.contains("options")) {
            Options.changes(from.property("options"), to.property("options"))
                    .forEach(action -> statements.add(alter + " " + action));
        }
        security(to, changed).forEach(statements::add);
        identity(to, changed).forEach(statements::add);
        return new Alteration.InPlace(statements, warnings);
    }

    private static String logging(SchemaObject relation) {
        return relation.is("unlogged") ? " SET UNLOGGED" : " SET LOGGED";
    }

    /** Sequences that the table owns and that PostgreSQL changes with it, though they shall be otherwise. */
    private Stream<SchemaObject> sequencesOf(SchemaObject table) {
        return to.objects().values().stream()
                .filter(object -> object.id().kind() == Kind.OWNED_BY
                        && object.dependsOn().stream()
                                .anyMatch(owner -> owner.kind() == Kind.COLUMN
                                        && owner.whole(Kind.TABLE).equals(table.id())))
                .map(owned -> to.get(owned.id().as(Kind.SEQUENCE)))
                .filter(sequence -> sequence.is("unlogged") != table.is("unlogged"));
    }

    private static Stream<String> security(SchemaObject table, Set<String> changed) {
        String alter = "ALTER " + Reference.of(table);
        List<String> statements = new ArrayList<>();
        if (changed.contains("row security")) {
            statements.add(alter + (table.is("row security") ? " ENABLE" : " DISABLE") + " ROW LEVEL SECURITY");
        }
        if (changed.contains("row security forced")) {
            statements.add(alter + (table.is("row security forced") ? " FORCE" : " NO FORCE") + " ROW LEVEL SECURITY");
        }
        return statements.stream();
    }

    /** The replica identity, unless it is an index: then the index says so once it is there. */
    private static Stream<String> identity(SchemaObject table, Set<String> changed) {
        String identity = table.property("replica identity").orElse("default");
        return changed.contains("replica identity") && !identity.equals("index")
                ? Stream.of("ALTER " + Reference.of(table) + " REPLICA IDENTITY " + identity.toUpperCase(Locale.ROOT))
                : Stream.empty();
    }

    private String columns(List<SchemaObject> parts) {
        String columns = only(Kind.COLUMN, parts).stream()
                .filter(column -> !column.is("inherited") || heritage.isSpelledAgain(column))
                .map(column -> "\n    " + ColumnSql.definition(column, parts))
                .collect(Collectors.joining(","));
        return columns.isEmpty() ? "" : columns + "\n";
    }

    /** What columns of a partition have otherwise than the parent's. */
    private String overrides(List<SchemaObject> parts) {
        String overrides = only(Kind.COLUMN, parts).stream()
                .filter(heritage::isSpelledAgain)
                .map(column -> column.id().quotedPart() + ColumnSql.constraints(column, parts))
                .collect(Collectors.joining(", "));
        return overrides.isEmpty() ? "" : " (" + overrides + ")";
    }

    private static String names(List<SchemaObject> parents) {
        return parents.stream().map(parent -> parent.id().part()).collect(Collectors.joining(", "));
    }

    private static List<SchemaObject> only(Kind kind, List<SchemaObject> parts) {
        return parts.stream().filter(part -> part.id().kind() == kind).toList();
    }
}
