package dev.espalier.schema.ddl;

import dev.espalier.schema.model.DatabaseSchema;
import dev.espalier.schema.model.Kind;
import dev.espalier.schema.model.ObjectId;
import dev.espalier.schema.model.SchemaObject;
import java.util.List;

/** What a reader should know before an object is added or removed. */
final class Warnings {

    private Warnings() {}

    static List<String> ofRemoval(SchemaObject object, DatabaseSchema to) {
        return switch (object.id().kind()) {
            case TABLE -> List.of("the table's rows are lost");
            case COLUMN -> {
                boolean hasValues = object.property("generated").isEmpty();
                boolean goesByItself = to.object(object.id().whole(Kind.TABLE)).isPresent();
                yield hasValues && goesByItself ? List.of("the column's values are lost") : List.of();
            }
            default -> List.of();
        };
    }

    static List<String> ofAddition(SchemaObject object, DatabaseSchema from, DatabaseSchema to) {
        ObjectId id = object.id();
        boolean needsValue = id.kind() == Kind.COLUMN
                && object.is("not null")
                && object.property("generated").isEmpty()
                && !object.is("inherited")
                && from.object(id.whole(Kind.TABLE)).isPresent()
                && to.object(id.as(Kind.DEFAULT)).isEmpty()
                && to.object(id.as(Kind.IDENTITY)).isEmpty();
        return needsValue
                ? List.of("fails if the table has rows, as the column may not be null and has no default")
                : List.of();
    }
}
