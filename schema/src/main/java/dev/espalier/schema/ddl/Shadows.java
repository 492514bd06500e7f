package dev.espalier.schema.ddl;

import dev.espalier.schema.model.DatabaseSchema;
import dev.espalier.schema.model.Kind;
import dev.espalier.schema.model.ObjectId;
import dev.espalier.schema.model.SchemaObject;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Constraints, indexes and triggers that a table only has because its parent has them. They are no objects to compare
 * while the tie holds. When a table leaves its parent, constraints and indexes stay behind with it; before a table joins a
 * parent it has to have the parent's checks, and what it has of the rest is taken over. Triggers come and go with the tie,
 * and are compared where one of them fires otherwise than the parent's.
 */
public final class Shadows {

    private static final String NAME = "not null constraint";

    private Shadows() {}

    /** The old schema, with the shadows that become objects of their own on the way to the new one. */
    public static DatabaseSchema ofOld(DatabaseSchema from, DatabaseSchema to) {
        DatabaseSchema filtered = filtered(
                from,
                shadow -> shadow.id().kind() == Kind.TRIGGER
                        ? isStray(from, to, shadow.id())
                        : losesTie(from, to, shadow));
        Map<ObjectId, SchemaObject> objects = new TreeMap<>(filtered.objects());
        objects.replaceAll((id, object) -> {
            if (object.is("shadow") && id.kind() != Kind.TRIGGER) {
                return onItsOwn(from, object);
            }
            boolean leaves = id.kind() == Kind.COLUMN && object.is("inherited") && losesTie(from, to, object);
            return leaves ? withOwnName(object) : object;
        });
        return filtered.with(objects);
    }

    /** The shadow without its dependence on what it was the shadow of. */
    private static SchemaObject onItsOwn(DatabaseSchema from, SchemaObject shadow) {
        Set<String> parents = from.parts(shadow.id().whole(Kind.TABLE), Kind.INHERITANCE).stream()
                .map(tie -> tie.id().part())
                .collect(Collectors.toSet());
        Set<ObjectId> needed = new TreeSet<>(shadow.dependsOn());
        needed.removeIf(id -> id.kind().isPart() && parents.contains(id.qualifiedName()));
        return new SchemaObject(shadow.id(), shadow.properties(), shadow.details(), needed);
    }

    /** The column with the name of a not-null constraint that it had from its parent and keeps when it leaves. */
    private static SchemaObject withOwnName(SchemaObject column) {
        String name = column.detail(NAME);
        String usual = column.id().name() + "_" + column.id().part() + "_not_null";
        if (name.isEmpty() || name.replaceFirst("[0-9]+$", "").equals(usual)) {
            return column;
        }
        Map<String, String> properties = new TreeMap<>(column.properties());
        properties.put(NAME, name);
        return column.with(properties);
    }

    /** The new schema, with the shadows that have to be there before a tie is made. */
    public static DatabaseSchema ofNew(DatabaseSchema from, DatabaseSchema to) {
        DatabaseSchema filtered = filtered(
                to,
                shadow -> shadow.id().kind() == Kind.TRIGGER
                        ? isStray(from, to, shadow.id())
                        : losesTie(to, from, shadow)
                                && (shadow.detail("contype").equals("c") || isSame(from, shadow)));
        Map<ObjectId, SchemaObject> objects = new TreeMap<>(filtered.objects());
        objects.replaceAll((id, object) ->
                id.kind() == Kind.COLUMN && losesTie(to, from, object) ? withNameOf(from.object(id), object) : object);
        return filtered.with(objects);
    }

    /** The column with the not-null constraint's name that it has before it joins the parent, and keeps. */
    private static SchemaObject withNameOf(Optional<SchemaObject> before, SchemaObject column) {
        Map<String, String> properties = new TreeMap<>(column.properties());
        properties.remove(NAME);
        before.flatMap(old -> old.property(NAME)).ifPresent(name -> properties.put(NAME, name));
        return column.with(properties);
    }

    private static DatabaseSchema filtered(DatabaseSchema schema, Predicate<SchemaObject> kept) {
        Map<ObjectId, SchemaObject> objects = new TreeMap<>(schema.objects());
        objects.values().removeIf(object -> object.is("shadow") && !kept.test(object));
        objects.replaceAll((id, object) -> {
            Set<ObjectId> needed = new TreeSet<>();
            object.dependsOn().forEach(each -> needed.addAll(behind(schema, objects.keySet(), each)));
            return new SchemaObject(id, object.properties(), object.details(), needed);
        });
        return schema.with(objects);
    }

    /** The object itself, or what casts the shadow: whoever needs a shadow needs that. */
    private static Set<ObjectId> behind(DatabaseSchema schema, Set<ObjectId> kept, ObjectId id) {
        if (kept.contains(id)) {
            return Set.of(id);
        }
        return schema.object(id).stream()
                .flatMap(shadow -> shadow.dependsOn().stream())
                .filter(each -> each.kind() == id.kind() || each.kind() == Kind.CONSTRAINT || each.kind() == Kind.INDEX)
                .flatMap(each -> behind(schema, kept, each).stream())
                .collect(Collectors.toSet());
    }

    /** True if the shadow's table is in both schemas but tied to a parent only in the first. */
    private static boolean losesTie(DatabaseSchema one, DatabaseSchema other, SchemaObject shadow) {
        ObjectId table = shadow.id().whole(Kind.TABLE);
        return other.object(table).isPresent()
                && one.parts(table, Kind.INHERITANCE).stream()
                        .anyMatch(tie -> other.object(tie.id()).isEmpty());
    }

    /** True for a trigger that fires otherwise than its parent's, before or after. */
    private static boolean isStray(DatabaseSchema from, DatabaseSchema to, ObjectId trigger) {
        return Stream.of(from, to)
                .flatMap(schema -> schema.object(trigger).stream())
                .anyMatch(each -> each.is("stray"));
    }

    private static boolean isSame(DatabaseSchema from, SchemaObject shadow) {
        return from.object(shadow.id())
                .filter(object -> object.properties().equals(shadow.properties()))
                .isPresent();
    }
}
