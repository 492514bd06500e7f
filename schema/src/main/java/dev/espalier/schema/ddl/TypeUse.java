package dev.espalier.schema.ddl;

import dev.espalier.schema.model.DatabaseSchema;
import dev.espalier.schema.model.Kind;
import dev.espalier.schema.model.ObjectId;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** What is built on the types of one schema, also by way of other types: of arrays, domains, ranges and attributes. */
final class TypeUse {

    private final Map<ObjectId, Set<ObjectId>> dependents = new HashMap<>();

    TypeUse(DatabaseSchema schema) {
        schema.objects()
                .values()
                .forEach(object -> object.dependsOn()
                        .forEach(needed -> dependents
                                .computeIfAbsent(needed, n -> new TreeSet<>())
                                .add(object.id())));
    }

    /** Everything that is built on a type or collation, the types in between among it. */
    Set<ObjectId> of(ObjectId type) {
        Set<ObjectId> found = new TreeSet<>();
        Deque<ObjectId> open = new ArrayDeque<>(List.of(type));
        while (!open.isEmpty()) {
            for (ObjectId each : dependents.getOrDefault(open.poll(), Set.of())) {
                if (found.add(each) && isType(each.kind())) {
                    open.add(each);
                    if (each.kind() == Kind.ATTRIBUTE) {
                        open.add(each.whole(Kind.COMPOSITE));
                    }
                }
            }
        }
        return found;
    }

    /** True if columns of tables hold values of the type. */
    boolean isHeld(ObjectId type) {
        return of(type).stream().anyMatch(each -> each.kind() == Kind.COLUMN);
    }

    /** True if PostgreSQL keeps values of the type anywhere, and so does not let its attributes get other types. */
    boolean isStored(ObjectId type) {
        return of(type).stream().anyMatch(each -> switch (each.kind()) {
            case COLUMN, MATERIALIZED_VIEW, INDEX -> true;
            default -> false;
        });
    }

    static boolean isType(Kind kind) {
        return switch (kind) {
            case RANGE, DOMAIN, COMPOSITE, ATTRIBUTE -> true;
            default -> false;
        };
    }
}
