package dev.espalier.schema;

import dev.espalier.schema.model.Casts;
import dev.espalier.schema.model.DatabaseSchema;
import dev.espalier.schema.model.Kind;
import dev.espalier.schema.model.ObjectId;
import dev.espalier.schema.model.SchemaObject;
import java.sql.Array;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * One pass over the catalogs. Each kind of object has a statement whose columns speak for themselves: a label that
 * starts with an underscore names a part of the identity, the catalog address or a detail; every other label is a
 * property to compare.
 */
final class Catalog {

    /** Wholes before their parts; the schemas come first because the others are asked for by schema. */
    private static final List<String> OBJECTS = List.of(
            "database",
            "extensions",
            "collations",
            "enums",
            "ranges",
            "domains",
            "domain_constraints",
            "composites",
            "sequences",
            "routines",
            "aggregates",
            "tables",
            "typed_tables",
            "inheritance",
            "columns",
            "defaults",
            "identities",
            "sequence_owners",
            "constraints",
            "indexes",
            "statistics",
            "views",
            "view_columns",
            "rules",
            "triggers",
            "policies",
            "others",
            "event_triggers",
            "default_privileges");

    private final Connection connection;
    private final int version;
    private final Map<ObjectId, Draft> drafts = new TreeMap<>();
    private final Map<Address, ObjectId> addresses = new HashMap<>();
    private final Map<Address, Address> aliases = new HashMap<>();

    Catalog(Connection connection, int version) {
        this.connection = connection;
        this.version = version;
    }

    DatabaseSchema read() throws SQLException {
        Statements statements = new Statements(connection);
        statements.run("session", null, row -> {});
        List<Long> schemas = new ArrayList<>();
        statements.run("schemas", null, row -> {
            schemas.add(row.getLong("_oid"));
            object(row);
        });
        Array oids = connection.createArrayOf("oid", schemas.toArray());
        statements.run("aliases", oids, row -> aliases.put(Address.read(row, 1), Address.read(row, 4)));
        for (String name : OBJECTS) {
            statements.run(name, oids, this::object);
        }
        statements.run("comments", oids, row -> annotate(Address.read(row, 1), "comment", row.getString(4)));
        statements.run("privileges", oids, row -> annotate(Address.read(row, 1), row.getString(4), row.getString(5)));
        statements.run("dependencies", oids, row -> depend(Address.read(row, 1), Address.read(row, 4)));
        leaveOutRules();
        Set<String> roles = new HashSet<>();
        statements.run("roles", oids, row -> roles.add(row.getString(1)));
        Map<Casts.Pair, Boolean> casts = new HashMap<>();
        statements.run(
                "casts", oids, row -> casts.put(new Casts.Pair(row.getString(1), row.getString(2)), row.getBoolean(3)));
        return new DatabaseSchema(version, finished(), roles, new Casts(casts));
    }

    private void object(ResultSet row) throws SQLException {
        Draft draft = new Draft();
        for (int i = 1; i <= row.getMetaData().getColumnCount(); i++) {
            String value = row.getString(i);
            String label = row.getMetaData().getColumnLabel(i);
            if (value != null) {
                if (label.startsWith("_")) {
                    draft.details.put(label.substring(1), value);
                } else {
                    draft.properties.put(label, value);
                }
            }
        }
        ObjectId id = draft.takeId();
        if (draft.isTorn(id.kind())) {
            throw new TornReadException(id + " was changed or dropped while it was read");
        }
        if (draft.details.containsKey("oid")) {
            Address address = draft.takeAddress();
            if (isOfAnExtension(address)) {
                return;
            }
            addresses.put(address, id);
        }
        String tie = draft.take("tie");
        if (!tie.isEmpty()) {
            draft.dependsOn.add(new ObjectId(Kind.INHERITANCE, id.schema(), id.name(), tie));
        }
        ObjectId whole = draft.object(id).whole().orElse(null);
        if (whole != null) {
            if (!drafts.containsKey(whole)) {
                return;
            }
            draft.dependsOn.add(whole);
        }
        if (!id.schema().isEmpty()) {
            draft.dependsOn.add(new ObjectId(Kind.SCHEMA, "", id.schema()));
        }
        drafts.put(id, draft);
    }

    /**
     * Leaves out what the catalog's rules are compiled to. They turn on row security where a filter needs it; where they have
     * done so stands their policy that lets everybody see what he saw without, and goes with the first one of the table's owner.
     */
    private void leaveOutRules() {
        Set<ObjectId> compiled = new HashSet<>();
        drafts.forEach((id, draft) -> {
            String rule = draft.take("rule");
            if (!rule.isEmpty()) {
                compiled.add(id);
            }
            Draft table = drafts.get(id.whole(Kind.TABLE));
            if (rule.equals("opens") && table != null) {
                table.properties.remove("row security");
            }
        });
        drafts.keySet().removeAll(compiled);
    }

    private boolean isOfAnExtension(Address address) {
        Address owner = aliases.get(address);
        ObjectId id = owner == null ? null : addresses.get(owner);
        return id != null && id.kind() == Kind.EXTENSION;
    }

    /** Comments and privileges are read of everything: what is left out has no draft. */
    private void annotate(Address address, String property, String value) {
        ObjectId id = addresses.get(address);
        Draft draft = id == null ? null : drafts.get(id);
        if (draft != null) {
            draft.properties.put(property, value);
        }
    }

    private void depend(Address from, Address to) {
        ObjectId dependent = resolve(from);
        ObjectId target = resolve(to);
        if (dependent == null || target == null) {
            return;
        }
        ObjectId needed = target.kind() == Kind.VIEW_COLUMN ? view(target) : target;
        ObjectId needing = aspect(dependent, needed);
        Draft draft = drafts.get(needing);
        if (draft != null && !needing.equals(needed)) {
            draft.dependsOn.add(needed);
        }
    }

    private ObjectId view(ObjectId column) {
        ObjectId view = column.whole(Kind.VIEW);
        return drafts.containsKey(view) ? view : column.whole(Kind.MATERIALIZED_VIEW);
    }

    /** Which part of the dependent it really is that needs the other: its ownership, its inheritance, its type or all of it. */
    private static ObjectId aspect(ObjectId dependent, ObjectId needed) {
        if (dependent.kind() == Kind.SEQUENCE && (needed.kind() == Kind.COLUMN || needed.kind() == Kind.TABLE)) {
            return dependent.as(Kind.OWNED_BY);
        }
        if (dependent.kind() == Kind.TABLE && needed.kind() == Kind.COMPOSITE) {
            return dependent.as(Kind.OF_TYPE);
        }
        if (dependent.kind() == Kind.TABLE && needed.kind() == Kind.TABLE) {
            return new ObjectId(Kind.INHERITANCE, dependent.schema(), dependent.name(), needed.qualifiedName());
        }
        return dependent;
    }

    /** The object at an address: itself, what it is an alias of, or the relation that the column is of. */
    private @Nullable ObjectId resolve(Address address) {
        for (Address at = address; at != null; at = aliases.get(at)) {
            ObjectId id = addresses.get(at);
            if (id == null && at.sub() != 0) {
                id = resolve(new Address(at.classId(), at.objectId(), 0));
            }
            if (id != null && drafts.containsKey(id)) {
                return id;
            }
        }
        return null;
    }

    private Map<ObjectId, SchemaObject> finished() {
        Map<ObjectId, SchemaObject> objects = new TreeMap<>();
        drafts.forEach((id, draft) -> objects.put(id, draft.object(id)));
        return objects;
    }

    /** Where a row is: catalog, object and, for a column, its number. */
    private record Address(long classId, long objectId, int sub) {

        static Address read(ResultSet row, int first) throws SQLException {
            return new Address(row.getLong(first), row.getLong(first + 1), row.getInt(first + 2));
        }
    }

    /** An object while it is read. */
    private static final class Draft {
        private final Map<String, String> properties = new TreeMap<>();
        private final Map<String, String> details = new HashMap<>();
        private final Set<ObjectId> dependsOn = new TreeSet<>();

        private String take(String detail) {
            String value = details.remove(detail);
            return value == null ? "" : value;
        }

        ObjectId takeId() {
            return new ObjectId(Kind.valueOf(take("kind")), take("schema"), take("name"), take("part"));
        }

        /** True if PostgreSQL had nothing left to print where there is always something. */
        boolean isTorn(Kind kind) {
            String type = properties.getOrDefault("type", "");
            String generated = properties.getOrDefault("generated", "");
            return details.containsKey("torn")
                    || type.startsWith("???")
                    || generated.startsWith("() ")
                    || switch (kind) {
                        case FUNCTION, PROCEDURE, CONSTRAINT, FOREIGN_KEY, DOMAIN_CONSTRAINT, INDEX, STATISTICS, VIEW ->
                            !properties.containsKey("definition");
                        case MATERIALIZED_VIEW, RULE -> !properties.containsKey("definition");
                        case TRIGGER -> !properties.containsKey("definition") && !details.containsKey("shadow");
                        case DEFAULT -> !properties.containsKey("default");
                        default -> false;
                    };
        }

        Address takeAddress() {
            return new Address(
                    Long.parseLong(take("class")), Long.parseLong(take("oid")), Integer.parseInt(take("sub")));
        }

        SchemaObject object(ObjectId id) {
            return new SchemaObject(id, properties, details, dependsOn);
        }
    }
}
