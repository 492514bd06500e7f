package dev.espalier.schema.ddl;

import dev.espalier.schema.model.DatabaseSchema;
import dev.espalier.schema.model.Kind;
import dev.espalier.schema.model.ObjectId;
import dev.espalier.schema.model.SchemaObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** What a reader should know before an object is added or removed. */
final class Warnings {

    private static final String POSITION_LOST = "the sequence's position is lost";

    private Warnings() {}

    static List<String> ofRemoval(SchemaObject object, DatabaseSchema from, DatabaseSchema to, TypeUse uses) {
        return switch (object.id().kind()) {
            case DATABASE ->
                List.of(
                        "the database and all its rows are lost; it is dropped while connected to another one, outside of"
                                + " a transaction");
            case EXTENSION ->
                object.detail("tables").isEmpty()
                        ? List.of()
                        : List.of("the rows of its tables are lost: " + object.detail("tables"));
            case TABLE -> {
                List<String> warnings = new ArrayList<>(List.of("the table's rows are lost"));
                renamed(object.id(), from, to).ifPresent(name -> warnings.add(keeping(object.id(), name)));
                yield warnings;
            }
            case COLUMN -> {
                boolean hasValues = object.property("generated").isEmpty();
                boolean goesByItself = to.object(object.id().whole(Kind.TABLE)).isPresent();
                yield hasValues && goesByItself ? List.of("the column's values are lost") : List.of();
            }
            case SEQUENCE -> goesWithAColumn(object.id(), from, to) ? List.of() : List.of(POSITION_LOST);
            case IDENTITY -> to.object(object.id().as(Kind.COLUMN)).isPresent() ? List.of(POSITION_LOST) : List.of();
            case ATTRIBUTE ->
                to.object(object.id().whole(Kind.COMPOSITE)).isPresent()
                                && uses.isHeld(object.id().whole(Kind.COMPOSITE))
                        ? List.of("the attribute's values are lost")
                        : List.of();
            default -> List.of();
        };
    }

    private static boolean goesWithAColumn(ObjectId sequence, DatabaseSchema from, DatabaseSchema to) {
        return from.object(sequence.as(Kind.OWNED_BY)).stream()
                .flatMap(owned -> owned.dependsOn().stream())
                .anyMatch(
                        owner -> owner.kind() == Kind.COLUMN && to.object(owner).isEmpty());
    }

    static List<String> ofAddition(SchemaObject object, DatabaseSchema from, DatabaseSchema to) {
        return switch (object.id().kind()) {
            case DATABASE ->
                List.of(
                        "the database is not there yet: make it while connected to another one, outside of a transaction;"
                                + " the other statements are for a session in it");
            case COLUMN -> ofNewColumn(object, from, to);
            case FOREIGN_KEY -> ofReference(object, from, to);
            default -> List.of();
        };
    }

    private static List<String> ofNewColumn(SchemaObject object, DatabaseSchema from, DatabaseSchema to) {
        ObjectId id = object.id();
        boolean needsValue = object.is("not null")
                && object.property("generated").isEmpty()
                && !object.is("inherited")
                && from.object(id.whole(Kind.TABLE)).isPresent()
                && to.object(id.as(Kind.DEFAULT)).isEmpty()
                && to.object(id.as(Kind.IDENTITY)).isEmpty();
        return needsValue
                ? List.of("fails if the table has rows, as the column may not be null and has no default")
                : List.of();
    }

    /**
     * What to know of a foreign key from a table that keeps its rows to one, or to a column, that is made empty. It is
     * checked all the same: where it fails in a transaction, what was dropped before is still there.
     */
    static List<String> ofReference(SchemaObject key, DatabaseSchema from, DatabaseSchema to) {
        ObjectId table = key.id().whole(Kind.TABLE);
        boolean checksRows = key.id().kind() == Kind.FOREIGN_KEY
                && from.object(table).isPresent()
                && key.property("valid").isEmpty()
                && key.dependsOn().stream().noneMatch(needed -> isNull(needed, table, from, to));
        return !checksRows
                ? List.of()
                : key.dependsOn().stream()
                        .filter(needed -> needed.kind() == Kind.COLUMN)
                        .filter(column -> !column.whole(Kind.TABLE).equals(table))
                        .filter(column -> from.object(column).isEmpty())
                        .map(column -> from.object(column.whole(Kind.TABLE)).isEmpty()
                                ? column.whole(Kind.TABLE).qualifiedName()
                                : column.fullName())
                        .findFirst()
                        .map(target -> "fails if rows of " + table.qualifiedName() + " refer to something, as " + target
                                + " is new and holds nothing: fill it before, or run all in one transaction and lose"
                                + " nothing by the failure")
                        .stream()
                        .toList();
    }

    /** True for a column of the table that is new and holds nulls, which refer to nothing. */
    private static boolean isNull(ObjectId needed, ObjectId table, DatabaseSchema from, DatabaseSchema to) {
        return needed.kind() == Kind.COLUMN
                && needed.whole(Kind.TABLE).equals(table)
                && from.object(needed).isEmpty()
                && to.object(needed.as(Kind.DEFAULT)).isEmpty();
    }

    /**
     * The one new table that has the columns of the removed one: more likely than not it is the same. Not so partitions,
     * of which the old go and the new come.
     */
    private static Optional<ObjectId> renamed(ObjectId table, DatabaseSchema from, DatabaseSchema to) {
        Map<String, String> columns = columns(table, from);
        List<ObjectId> likely = to.objects().keySet().stream()
                .filter(id -> id.kind() == Kind.TABLE && from.object(id).isEmpty())
                .filter(id -> !columns.isEmpty() && columns(id, to).equals(columns))
                .filter(id -> to.parts(id, Kind.INHERITANCE).isEmpty())
                .toList();
        return likely.size() == 1 && from.parts(table, Kind.INHERITANCE).isEmpty()
                ? Optional.of(likely.getFirst())
                : Optional.empty();
    }

    private static Map<String, String> columns(ObjectId table, DatabaseSchema schema) {
        Map<String, String> types = new TreeMap<>();
        schema.parts(table, Kind.COLUMN).forEach(column -> types.put(column.id().part(), column.required("type")));
        return types;
    }

    private static String keeping(ObjectId table, ObjectId renamed) {
        List<String> statements = new ArrayList<>();
        if (!table.schema().equals(renamed.schema())) {
            statements.add("ALTER TABLE " + table.qualifiedName() + " SET SCHEMA "
                    + new ObjectId(Kind.SCHEMA, "", renamed.schema()).qualifiedName());
        }
        if (!table.name().equals(renamed.name())) {
            statements.add("ALTER TABLE "
                    + new ObjectId(Kind.TABLE, renamed.schema(), table.name()).qualifiedName() + " RENAME TO "
                    + new ObjectId(Kind.TABLE, "", renamed.name()).qualifiedName());
        }
        return "they are kept if it only got another name: run " + String.join("; ", statements)
                + " instead and compare again";
    }
}
