package dev.espalier.schema.ddl;

import dev.espalier.schema.model.DatabaseSchema;
import dev.espalier.schema.model.Kind;
import dev.espalier.schema.model.SchemaObject;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a reader should know before an object is added or removed. */
final class Warnings {

    private Warnings() {}

    static List<String> of(@Nullable SchemaObject before, @Nullable SchemaObject after, DatabaseSchema from) {
        if (after == null && before != null) {
            return switch (before.id().kind()) {
                case TABLE -> List.of("the table's rows are lost");
                case COLUMN ->
                    before.property("generated").isPresent() ? List.of() : List.of("the column's values are lost");
                default -> List.of();
            };
        }
        boolean needsValue = after != null
                && after.id().kind() == Kind.COLUMN
                && after.is("not null")
                && after.property("generated").isEmpty()
                && from.object(after.id().whole(Kind.TABLE)).isPresent();
        return needsValue ? List.of("fails if the table has rows and the column no default") : List.of();
    }
}
