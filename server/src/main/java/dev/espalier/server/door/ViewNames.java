package dev.espalier.server.door;

import dev.espalier.control.Sight.View;
import dev.espalier.sql.Relation;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Where the views lie that one sees instead of tables. */
final class ViewNames {

    private record Name(String schema, String table) {}

    private final Map<Name, View> bySchema = new HashMap<>();

    /** Those whose name is one table's alone. */
    private final Map<String, Optional<View>> byTable = new HashMap<>();

    ViewNames(List<View> views) {
        for (View view : views) {
            bySchema.put(new Name(view.schema(), view.table()), view);
            byTable.merge(view.table(), Optional.of(view), (one, other) -> Optional.empty());
        }
    }

    /** The schema of the table whose view is written to by a name without one. */
    Optional<String> schemaMeant(String table) {
        return byTable.getOrDefault(table, Optional.empty()).map(View::schema);
    }

    /**
     * The schema to write before a name; empty to leave it as it is. A name without a schema is found by the search path, but
     * for the view that is written to.
     *
     * @param writes whether it is to be the view that can be written to
     */
    Optional<String> schemaFor(Relation relation, boolean writes) {
        Optional<View> view = relation.schema().isEmpty()
                ? byTable.getOrDefault(relation.name(), Optional.empty()).filter(_ -> writes)
                : Optional.ofNullable(bySchema.get(new Name(relation.schema(), relation.name())));
        return view.map(found -> writes ? found.writeSchema().orElse(found.readSchema()) : found.readSchema());
    }
}
