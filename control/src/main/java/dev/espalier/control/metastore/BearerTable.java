package dev.espalier.control.metastore;

import dev.espalier.control.metastore.Bearers.Bearer;
import dev.espalier.control.metastore.Bearers.Name;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jdbi.v3.core.Handle;

/** Rows of {@code control.name_bearer}: who has been seen to bear which name. */
final class BearerTable {

    private BearerTable() {}

    /** Remembers those that are seen, and tells those that were seen before as well. */
    static Bearers remember(Handle handle, Catalog catalog, Bearers seen) {
        Map<Bearer, Boolean> known = new HashMap<>();
        handle.select("SELECT * FROM control.name_bearer WHERE catalog_uid = ?", catalog.uid())
                .map((row, context) -> Map.entry(
                        new Bearer(
                                new Name(row.getString("schema_name"), row.getString("table_name")),
                                row.getLong("number")),
                        row.getBoolean("current")))
                .forEach(row -> known.put(row.getKey(), row.getValue()));
        Bearers all = seen.and(known.keySet());
        put(
                handle,
                catalog,
                all.seen().entrySet().stream()
                        .filter(bearer -> !bearer.getValue().equals(known.get(bearer.getKey())))
                        .toList());
        return all;
    }

    /** In one order, so that two who look at once do not wait for each other in a circle. */
    private static void put(Handle handle, Catalog catalog, List<Map.Entry<Bearer, Boolean>> bearers) {
        if (bearers.isEmpty()) {
            return;
        }
        handle.execute(
                """
                INSERT INTO control.name_bearer
                SELECT c.uid, u.*
                FROM control.catalog c, unnest(?::text[], ?::text[], ?::bigint[], ?::boolean[]) AS u (schema, name, number, current)
                WHERE c.uid = ?
                ORDER BY u.schema, u.name, u.number
                ON CONFLICT (catalog_uid, schema_name, table_name, number) DO UPDATE SET current = excluded.current
                """,
                bearers.stream().map(bearer -> bearer.getKey().name().schema()).toArray(String[]::new),
                bearers.stream().map(bearer -> bearer.getKey().name().table()).toArray(String[]::new),
                bearers.stream().map(bearer -> bearer.getKey().number()).toArray(Long[]::new),
                bearers.stream().map(Map.Entry::getValue).toArray(Boolean[]::new),
                catalog.uid());
    }
}
