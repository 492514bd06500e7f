package dev.espalier.server.door;

import dev.espalier.control.admission.Sight;
import dev.espalier.control.admission.Sight.View;
import dev.espalier.sql.Relation;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Where the views lie that one sees instead of tables. */
final class ViewNames {

    private record Name(String schema, String table) {}

    private final Map<Name, View> bySchema = new HashMap<>();
    private final Map<String, List<View>> byTable = new HashMap<>();

    private final Map<String, String> viewSchemas;

    ViewNames(Sight sight) {
        viewSchemas = sight.viewSchemas();
        for (View view : sight.views()) {
            bySchema.put(new Name(view.schema(), view.table()), view);
            byTable.computeIfAbsent(view.table(), _ -> new ArrayList<>()).add(view);
        }
    }

    /** Where the views of a schema's tables lie, or will; empty for a schema that is not under rules. */
    Optional<String> viewSchema(String schema) {
        return Optional.ofNullable(viewSchemas.get(schema));
    }

    /**
     * The view that a name without a schema may mean.
     *
     * @param firstSchema of the search path that the client began with; empty for the role's own path
     */
    Optional<View> meant(String table, Optional<String> firstSchema) {
        List<View> all = byTable.getOrDefault(table, List.of());
        if (firstSchema.isEmpty()) {
            return all.stream().filter(View::found).findFirst();
        }
        return Optional.ofNullable(bySchema.get(new Name(firstSchema.get(), table)))
                .or(() -> all.stream().findFirst());
    }

    /**
     * The schema to write before a name; empty to leave it as it is. A name without a schema is found by the search path, but
     * for the view that is written to.
     *
     * @param firstSchema as above
     */
    Optional<String> schemaFor(Relation relation, Optional<String> firstSchema) {
        boolean writes = relation.upserted();
        return view(relation, firstSchema)
                .filter(_ -> writes || !relation.schema().isEmpty())
                .map(found -> writes ? found.writeSchema().orElse(found.readSchema()) : found.readSchema());
    }

    /**
     * The table whose rows go to a view that shows only some of its columns.
     *
     * @param firstSchema as above
     */
    Optional<View> partlyShown(Relation relation, Optional<String> firstSchema) {
        return view(relation, firstSchema)
                .filter(found -> relation.upserted() && found.writeSchema().isPresent());
    }

    /**
     * The view that a relation's name may mean.
     *
     * @param firstSchema as above
     */
    Optional<View> view(Relation relation, Optional<String> firstSchema) {
        return relation.schema().isEmpty()
                ? meant(relation.name(), firstSchema)
                : Optional.ofNullable(bySchema.get(new Name(relation.schema(), relation.name())));
    }
}
