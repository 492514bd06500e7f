package dev.espalier.control.metastore;

import dev.espalier.control.metastore.Bearers.Bearer;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;

/** Rows of {@code control.name_bearer}: who has been seen to bear which name. */
final class BearerTable {

    private BearerTable() {}

    /** Remembers those that are seen, and tells those that were seen before as well. */
    static Bearers remember(Handle handle, Catalog catalog, Bearers seen) {
        List<Bearer> all =
                Stream.concat(seen.now().stream(), seen.before().stream()).toList();
        handle.execute(
                """
                INSERT INTO control.name_bearer
                SELECT c.uid, u.* FROM control.catalog c, unnest(?::text[], ?::text[], ?::bigint[]) u
                WHERE c.uid = ?
                ON CONFLICT DO NOTHING
                """,
                all.stream().map(Bearer::schema).toArray(String[]::new),
                all.stream().map(Bearer::table).toArray(String[]::new),
                all.stream().map(Bearer::number).toArray(Long[]::new),
                catalog.uid());
        Set<Bearer> remembered = handle.select("SELECT * FROM control.name_bearer WHERE catalog_uid = ?", catalog.uid())
                .map((row, context) ->
                        new Bearer(row.getString("schema_name"), row.getString("table_name"), row.getLong("number")))
                .collect(Collectors.toSet());
        return seen.and(remembered);
    }
}
