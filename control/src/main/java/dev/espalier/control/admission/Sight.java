package dev.espalier.control.admission;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How a principal sees a database that is under rules.
 *
 * @param bound whether a policy binds him
 * @param profile of those who see the same; empty where the database is not under rules
 * @param views what he finds in the place of tables
 * @param viewSchemas where the views of each schema's tables lie, or will
 */
public record Sight(boolean bound, String profile, List<View> views, Map<String, String> viewSchemas) {

    /** That of one whom nothing binds. */
    public static final Sight FREE = new Sight(false, "", List.of(), Map.of());

    public Sight {
        views = List.copyOf(views);
        viewSchemas = Map.copyOf(viewSchemas);
    }

    /**
     * A table that is seen through a view of the same name.
     *
     * @param schema the table's
     * @param readSchema the view's
     * @param writeSchema the schema of the view that takes INSERT with ON CONFLICT and MERGE; empty if there is none
     * @param found whether it is what the name without a schema means by the principal's own search path
     */
    public record View(String schema, String table, String readSchema, Optional<String> writeSchema, boolean found) {}
}
