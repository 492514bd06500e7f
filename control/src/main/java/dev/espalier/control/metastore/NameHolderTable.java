package dev.espalier.control.metastore;

import dev.espalier.control.metastore.NameHolders.Holder;
import dev.espalier.control.metastore.NameHolders.Name;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jdbi.v3.core.Handle;

/** Rows of {@code control.name_bearer}: who has been seen to hold which name. */
final class NameHolderTable {

    private NameHolderTable() {}

    /** Remembers those that are seen, and tells those that were seen before as well. */
    static NameHolders remember(Handle handle, Catalog catalog, NameHolders seen) {
        Map<Holder, Boolean> known = new HashMap<>();
        handle.select("SELECT * FROM control.name_bearer WHERE catalog_uid = ?", catalog.uid())
                .map((row, context) -> Map.entry(
                        new Holder(
                                new Name(row.getString("schema_name"), row.getString("table_name")),
                                row.getLong("number")),
                        row.getBoolean("current")))
                .forEach(row -> known.put(row.getKey(), row.getValue()));
        NameHolders all = seen.and(known.keySet());
        put(
                handle,
                catalog,
                all.seen().entrySet().stream()
                        .filter(holder -> !holder.getValue().equals(known.get(holder.getKey())))
                        .toList());
        return all;
    }

    /** In one order, so that two who look at once do not wait for each other in a circle. */
    private static void put(Handle handle, Catalog catalog, List<Map.Entry<Holder, Boolean>> holders) {
        if (holders.isEmpty()) {
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
                holders.stream().map(holder -> holder.getKey().name().schema()).toArray(String[]::new),
                holders.stream().map(holder -> holder.getKey().name().table()).toArray(String[]::new),
                holders.stream().map(holder -> holder.getKey().number()).toArray(Long[]::new),
                holders.stream().map(Map.Entry::getValue).toArray(Boolean[]::new),
                catalog.uid());
    }
}
