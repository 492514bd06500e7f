package dev.espalier.schema.ddl;

import dev.espalier.schema.model.DatabaseSchema;
import dev.espalier.schema.model.Kind;
import dev.espalier.schema.model.ObjectId;
import dev.espalier.schema.model.SchemaObject;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** What cannot change because tables are partitioned by it: columns, their types, and what partitions are of the key. */
final class PartitionKeys {

    private static final String REMEDY = ": make a table with the new key, copy the rows and rename";

    private final DatabaseSchema from;
    private final DatabaseSchema to;
    private final Set<ObjectId> fixed = new HashSet<>();

    PartitionKeys(DatabaseSchema from, DatabaseSchema to) {
        this.from = from;
        this.to = to;
        Map<ObjectId, Set<ObjectId>> tied = new HashMap<>();
        for (SchemaObject tie : from.objects().values()) {
            if (tie.id().kind() == Kind.INHERITANCE && to.object(tie.id()).isPresent()) {
                ObjectId child = tie.id().whole(Kind.TABLE);
                ObjectId parent = Heritage.parent(tie);
                tied.computeIfAbsent(child, c -> new HashSet<>()).add(parent);
                tied.computeIfAbsent(parent, p -> new HashSet<>()).add(child);
            }
        }
        Deque<ObjectId> open = new ArrayDeque<>();
        from.objects().values().stream()
                .filter(object -> object.is("in partition key") && stays(object.id()))
                .forEach(object -> open.add(object.id()));
        while (!open.isEmpty()) {
            ObjectId column = open.poll();
            if (fixed.add(column)) {
                tied.getOrDefault(column.whole(Kind.TABLE), Set.of())
                        .forEach(table ->
                                open.add(new ObjectId(Kind.COLUMN, table.schema(), table.name(), column.part())));
            }
        }
    }

    /** Why what the new schema says of the object is not done; empty if partition keys have nothing against it. */
    Optional<String> objection(ObjectId id) {
        return switch (id.kind()) {
            case COLUMN ->
                fixed.contains(id) && !typeOf(from, id).equals(typeOf(to, id))
                        ? Optional.of("a column of a partition key cannot be dropped or get another type" + REMEDY)
                        : Optional.empty();
            case INHERITANCE ->
                to.object(id)
                        .filter(tie ->
                                !from.object(id).map(SchemaObject::properties).equals(Optional.of(tie.properties())))
                        .map(Heritage::parent)
                        .filter(this::keepsItsKey)
                        .map(parent -> "the partition key of " + parent.qualifiedName() + " stays as it is");
            default -> Optional.empty();
        };
    }

    /** Why a type or collation has to stay. */
    Optional<String> objectionToLosing(ObjectId type, TypeUse uses) {
        return uses.of(type).stream()
                .filter(fixed::contains)
                .findFirst()
                .map(column -> "column " + column.fullName() + " of a partition key is of it" + REMEDY);
    }

    /** True for a table that should be partitioned otherwise, or by a column of another type. */
    private boolean keepsItsKey(ObjectId table) {
        return stays(table)
                && Stream.concat(
                                Stream.of(!key(from, table).equals(key(to, table))),
                                from.parts(table, Kind.COLUMN).stream()
                                        .map(column -> objection(column.id()).isPresent()))
                        .anyMatch(changed -> changed);
    }

    private boolean stays(ObjectId id) {
        ObjectId table = id.whole(Kind.TABLE);
        return from.object(table).isPresent() && to.object(table).isPresent();
    }

    private static Optional<String> key(DatabaseSchema schema, ObjectId table) {
        return schema.object(table).flatMap(object -> object.property("partition key"));
    }

    private static List<String> typeOf(DatabaseSchema schema, ObjectId column) {
        return schema.object(column).stream()
                .flatMap(object -> Stream.of("type", "collation").map(object.properties()::get))
                .filter(Objects::nonNull)
                .toList();
    }
}
