package dev.espalier.schema.ddl;

import dev.espalier.schema.model.DatabaseSchema;
import dev.espalier.schema.model.Kind;
import dev.espalier.schema.model.ObjectId;
import dev.espalier.schema.model.SchemaObject;
import java.util.Optional;
import java.util.stream.Stream;

/** Which columns of child tables come from which columns of their parents. */
final class Heritage {

    private final DatabaseSchema from;
    private final DatabaseSchema to;
    private final PartitionKeys keys;

    Heritage(DatabaseSchema from, DatabaseSchema to, PartitionKeys keys) {
        this.keys = keys;
        this.from = from;
        this.to = to;
    }

    /** The parent's column that a column inherits from in the new schema. */
    Optional<ObjectId> origin(ObjectId column) {
        return origin(to, column);
    }

    /**
     * The parent's column whose changes a column goes along with by itself, because the tie between the tables is the
     * same before and after, or cannot be changed.
     */
    Optional<ObjectId> leader(ObjectId column) {
        return ties(to, column)
                .filter(tie -> from.object(tie.id())
                        .filter(before -> before.properties().equals(tie.properties())
                                || keys.objection(tie.id()).isPresent())
                        .isPresent())
                .map(tie -> parentColumn(tie, column))
                .filter(parent ->
                        from.object(parent).isPresent() || to.object(parent).isPresent())
                .findFirst();
    }

    /** True for a generated column of the new schema whose parent's column is computed otherwise. */
    boolean hasOwnExpression(SchemaObject column) {
        Optional<String> expression = column.property("generated");
        return expression.isPresent()
                && column.is("inherited")
                && origin(column.id())
                        .filter(parent -> !expression(to, parent).equals(expression))
                        .isPresent();
    }

    /** True for a generated column whose expression changes and not along with that of its parent's. */
    boolean changesAlone(SchemaObject column) {
        return leader(column.id())
                .filter(leader ->
                        hasOwnExpression(column) || expression(from, leader).equals(expression(to, leader)))
                .isPresent();
    }

    private static Optional<String> expression(DatabaseSchema schema, ObjectId column) {
        return schema.object(column).flatMap(object -> object.property("generated"));
    }

    /**
     * True for an inherited column that the statement which makes its table spells again. Before PostgreSQL 16 that gives
     * no column another expression than its parent's.
     */
    boolean isSpelledAgain(SchemaObject column) {
        return column.property("generated").isPresent()
                ? from.version() >= 16 && (column.is("local") || hasOwnExpression(column))
                : column.is("local");
    }

    private static Optional<ObjectId> origin(DatabaseSchema schema, ObjectId column) {
        return ties(schema, column)
                .map(tie -> parentColumn(tie, column))
                .filter(parent -> schema.object(parent).isPresent())
                .findFirst();
    }

    private static Stream<SchemaObject> ties(DatabaseSchema schema, ObjectId column) {
        return schema.parts(column.whole(Kind.TABLE), Kind.INHERITANCE).stream();
    }

    /** The table at the other end of a child's tie. */
    static ObjectId parent(SchemaObject tie) {
        return new ObjectId(Kind.TABLE, tie.detail("parent schema"), tie.detail("parent name"));
    }

    private static ObjectId parentColumn(SchemaObject tie, ObjectId column) {
        ObjectId parent = parent(tie);
        return new ObjectId(Kind.COLUMN, parent.schema(), parent.name(), column.part());
    }
}
