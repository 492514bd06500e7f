package dev.espalier.server.door;

import dev.espalier.sql.Effect;
import dev.espalier.sql.Relation;
import dev.espalier.sql.Statement;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * What a session may mean by a name without its schema: it begins with the views first in its search path, and may put something
 * else there, or make a temporary table, which comes before all. In doubt it has.
 */
final class OwnNames {

    private static final Set<String> SET_CONFIG = Set.of("set_config", "pg_catalog.set_config");

    private static final int MOST_NAMES = 1_000;

    /** First in the search path that the client began with, where it did so. */
    private final Optional<String> firstSchema;

    private final Set<String> made = new HashSet<>();
    private boolean anything;

    /** @param searchPath that the client begins with; empty for the role's own */
    OwnNames(Optional<SearchPath> searchPath) {
        firstSchema = searchPath.map(
                path -> path.schemas().isEmpty() ? "" : path.schemas().getFirst());
    }

    /** First in the search path that the client began with, where it did so. */
    Optional<String> firstSchema() {
        return firstSchema;
    }

    /** The session runs a statement. */
    void runs(Statement statement) {
        Set<Effect> effects = statement.effects();
        anything |= effects.contains(Effect.DO)
                || effects.contains(Effect.CALL)
                || statement.node().equals("RenameStmt")
                || statement.settings().contains("search_path")
                || statement.functions().stream().anyMatch(SET_CONFIG::contains)
                || made.size() > MOST_NAMES;
        if (effects.contains(Effect.CREATE)) {
            for (Relation relation : statement.relations()) {
                if (relation.written()) {
                    made.add(relation.name());
                }
            }
        }
    }

    /** Whether the name of a table may mean something else than the view of the table in that schema. */
    boolean mayBeAnother(String schema, String table) {
        return anything
                || made.contains(table)
                || firstSchema.filter(first -> !first.equals(schema)).isPresent();
    }
}
