package dev.espalier.schema;

import dev.espalier.schema.ddl.Shadows;
import dev.espalier.schema.model.DatabaseSchema;
import dev.espalier.schema.model.Kind;
import dev.espalier.schema.model.ObjectId;
import dev.espalier.schema.model.SchemaObject;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Two schemas told in the same terms, so that comparing their objects compares nothing else.
 *
 * @param from the old schema
 * @param to the new schema
 */
record CommonGround(DatabaseSchema from, DatabaseSchema to) {

    /** What the owner of a table may do to it before PostgreSQL 17, as it is told. */
    private static final List<String> ALL_BUT_MAINTAIN =
            List.of("DELETE", "INSERT", "REFERENCES", "SELECT", "TRIGGER", "TRUNCATE", "UPDATE");

    static CommonGround of(DatabaseSchema from, DatabaseSchema to) {
        int version = Math.min(from.version(), to.version());
        DatabaseSchema before = Shadows.ofOld(from, to);
        DatabaseSchema after = ofSameDatabase(from, Shadows.ofNew(from, to));
        return new CommonGround(levelled(before, before, version), levelled(after, before, version));
    }

    /** The new schema as that of the database that shall get it, whatever the database is called that it was read from. */
    private static DatabaseSchema ofSameDatabase(DatabaseSchema from, DatabaseSchema to) {
        if (from.database().isEmpty() || to.database().isEmpty()) {
            return to;
        }
        SchemaObject database = to.database().get();
        ObjectId name = from.database().get().id();
        Map<ObjectId, SchemaObject> objects = new TreeMap<>(to.objects());
        objects.remove(database.id());
        objects.put(name, new SchemaObject(name, database.properties(), database.details(), database.dependsOn()));
        return to.with(objects);
    }

    private static DatabaseSchema levelled(DatabaseSchema schema, DatabaseSchema other, int version) {
        if (schema.version() == version && other.version() == version) {
            return schema;
        }
        Map<ObjectId, SchemaObject> objects = new TreeMap<>(schema.objects());
        objects.replaceAll((id, object) -> sameText(withoutNews(object, version), schema, other));
        objects.values()
                .removeIf(object -> object.id().kind() == Kind.DEFAULT_PRIVILEGES
                        && object.properties().isEmpty());
        return schema.with(objects);
    }

    /**
     * Leaves out what older servers do not have: kinds and names of not-null constraints and columns computed when they
     * are read (18), the privilege MAINTAIN (17).
     */
    private static SchemaObject withoutNews(SchemaObject object, int version) {
        Map<String, String> properties = new TreeMap<>(object.properties());
        if (version < 18) {
            properties.remove("not null constraint");
            properties.computeIfPresent("not null", (name, value) -> object.id().kind() == Kind.COLUMN ? "yes" : value);
            properties.computeIfPresent("generated", (name, value) -> value.replaceFirst(" VIRTUAL$", " STORED"));
        }
        if (version < 17) {
            for (String name : object.properties().keySet()) {
                if (name.startsWith("privileges of ")) {
                    properties.compute(
                            name, (each, value) -> withoutMaintain(object.id(), name, object.required(name)));
                }
            }
        }
        return object.with(properties);
    }

    /** The privileges that are left; null if they are what the grantee has by itself, which is not told. */
    private static @Nullable String withoutMaintain(ObjectId id, String name, String privileges) {
        boolean hasAllByItself = name.equals("privileges of its owner")
                && !(id.kind() == Kind.DEFAULT_PRIVILEGES && !id.schema().isEmpty());
        List<String> left = Stream.of(privileges.split(", "))
                .filter(privilege -> !privilege.startsWith("MAINTAIN"))
                .toList();
        if (hasAllByItself && left.equals(ALL_BUT_MAINTAIN)) {
            return null;
        }
        return left.isEmpty() ? hasAllByItself ? "nothing" : null : String.join(", ", left);
    }

    /** PostgreSQL 15 names the table before each column of a simple view and later ones do not: no difference. */
    private static SchemaObject sameText(SchemaObject object, DatabaseSchema schema, DatabaseSchema other) {
        boolean isView = object.id().kind() == Kind.VIEW || object.id().kind() == Kind.MATERIALIZED_VIEW;
        if (!isView || schema.version() == other.version()) {
            return object;
        }
        return other.object(object.id())
                .map(same -> same.required("definition"))
                .filter(text -> ViewText.isSame(text, object.required("definition")))
                .map(text -> {
                    Map<String, String> properties = new TreeMap<>(object.properties());
                    properties.put("definition", text);
                    return object.with(properties);
                })
                .orElse(object);
    }
}
