package dev.espalier.schema.ddl;

import dev.espalier.schema.model.DatabaseSchema;
import dev.espalier.schema.model.Kind;
import dev.espalier.schema.model.ObjectId;
import dev.espalier.schema.model.SchemaObject;
import java.util.Map;
import java.util.TreeMap;

/**
 * Constraints and indexes that a table only has because its parent has them. They are no objects to compare while the
 * tie holds. When a table leaves its parent they stay behind with it; before a table joins a parent it has to have the
 * parent's checks, and what it has of the rest is taken over.
 */
public final class Shadows {

    private Shadows() {}

    /** The old schema, with the shadows that become objects of their own on the way to the new one. */
    public static DatabaseSchema ofOld(DatabaseSchema from, DatabaseSchema to) {
        return filtered(from, shadow -> losesTie(from, to, shadow));
    }

    /** The new schema, with the shadows that have to be there before a tie is made. */
    public static DatabaseSchema ofNew(DatabaseSchema from, DatabaseSchema to) {
        return filtered(
                to,
                shadow ->
                        losesTie(to, from, shadow) && (shadow.detail("contype").equals("c") || isSame(from, shadow)));
    }

    private static DatabaseSchema filtered(DatabaseSchema schema, java.util.function.Predicate<SchemaObject> kept) {
        Map<ObjectId, SchemaObject> objects = new TreeMap<>(schema.objects());
        objects.values().removeIf(object -> object.is("shadow") && !kept.test(object));
        return schema.with(objects);
    }

    /** True if the shadow's table is in both schemas but tied to a parent only in the first. */
    private static boolean losesTie(DatabaseSchema one, DatabaseSchema other, SchemaObject shadow) {
        ObjectId table = shadow.id().whole(Kind.TABLE);
        return other.object(table).isPresent()
                && one.parts(table, Kind.INHERITANCE).stream()
                        .anyMatch(tie -> other.object(tie.id()).isEmpty());
    }

    private static boolean isSame(DatabaseSchema from, SchemaObject shadow) {
        return from.object(shadow.id())
                .filter(object -> object.properties().equals(shadow.properties()))
                .isPresent();
    }
}
