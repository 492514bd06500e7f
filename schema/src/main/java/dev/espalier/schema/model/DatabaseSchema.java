package dev.espalier.schema.model;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;

/** The schema of one database at one moment. Immutable; read by {@code SchemaReader}. */
public final class DatabaseSchema {

    private final int version;
    private final SortedMap<ObjectId, SchemaObject> objects;
    private final Map<ObjectId, List<SchemaObject>> parts = new TreeMap<>();
    private final Set<String> roles;
    private final Casts casts;

    /**
     * @param version the server's major version
     * @param objects all objects, by their names
     * @param roles the names of the server's roles
     * @param casts the database's casts
     */
    public DatabaseSchema(int version, Map<ObjectId, SchemaObject> objects, Set<String> roles, Casts casts) {
        this.version = version;
        this.objects = Collections.unmodifiableSortedMap(new TreeMap<>(objects));
        this.roles = Set.copyOf(roles);
        this.casts = casts;
        for (SchemaObject object : this.objects.values()) {
            object.whole()
                    .ifPresent(whole ->
                            parts.computeIfAbsent(whole, w -> new ArrayList<>()).add(object));
        }
    }

    /** The server's major version: 15 to 18. */
    public int version() {
        return version;
    }

    public SortedMap<ObjectId, SchemaObject> objects() {
        return objects;
    }

    public Optional<SchemaObject> object(ObjectId id) {
        return Optional.ofNullable(objects.get(id));
    }

    /** The object of that name, which is known to be there. */
    public SchemaObject get(ObjectId id) {
        return object(id).orElseThrow(() -> new IllegalStateException("the schema has no " + id));
    }

    /** The innermost domain that a column, attribute or domain is of, which tells the type of its values; itself if of none. */
    public SchemaObject underDomains(SchemaObject object) {
        String type = object.required("type");
        return object.dependsOn().stream()
                .filter(needed ->
                        needed.kind() == Kind.DOMAIN && needed.qualifiedName().equals(type))
                .flatMap(domain -> object(domain).stream())
                .findFirst()
                .map(this::underDomains)
                .orElse(object);
    }

    /** The parts of an object, of one kind, in the order of their names. */
    public List<SchemaObject> parts(ObjectId whole, Kind kind) {
        return parts.getOrDefault(whole, List.of()).stream()
                .filter(part -> part.id().kind() == kind)
                .toList();
    }

    /** The database itself; empty for a database that is not there yet or no longer. */
    public Optional<SchemaObject> database() {
        return objects.values().stream()
                .filter(object -> object.id().kind() == Kind.DATABASE)
                .findFirst();
    }

    /** The same database with other objects. */
    public DatabaseSchema with(Map<ObjectId, SchemaObject> others) {
        return new DatabaseSchema(version, others, roles, casts);
    }

    /** The same database with none but these objects. */
    public DatabaseSchema only(Predicate<ObjectId> kept) {
        Map<ObjectId, SchemaObject> few = new TreeMap<>(objects);
        few.keySet().removeIf(kept.negate());
        return with(few);
    }

    public Set<String> roles() {
        return roles;
    }

    public Casts casts() {
        return casts;
    }
}
