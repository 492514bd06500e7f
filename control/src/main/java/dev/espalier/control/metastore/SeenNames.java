package dev.espalier.control.metastore;

import dev.espalier.control.metastore.LiveCatalog.ColumnRef;
import dev.espalier.control.metastore.LiveCatalog.Renamed;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;

/**
 * What the rules keep of names on the default branch: rows of {@code control.renamed_column}, and which classified columns are gone.
 * Branches from an earlier day have the earlier names.
 */
final class SeenNames {

    private SeenNames() {}

    /** Looks at the default branch while rules are changed: what they say from now on may be of names that other branches do not have. */
    static void note(Handle handle, Catalog catalog, LiveCatalog live) {
        // A database that is away for a while, as when it is made anew, takes nothing back.
        if (live.tables().isEmpty()) {
            return;
        }
        handle.execute(
                """
                INSERT INTO control.renamed_column
                SELECT ?, * FROM unnest(?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[])
                ON CONFLICT DO NOTHING
                """,
                Stream.concat(
                                Stream.of(catalog.uid()),
                                Stream.concat(
                                        arrays(live.renamed().stream()
                                                .map(Renamed::first)
                                                .toList()),
                                        arrays(live.renamed().stream()
                                                .map(Renamed::now)
                                                .toList())))
                        .toArray());
        List<ColumnRef> named = live.tables().stream()
                .flatMap(table -> table.columns().stream()
                        .map(column -> new ColumnRef(table.schema(), table.name(), column.name())))
                .toList();
        List<ColumnRef> there = Stream.concat(
                        named.stream(), live.renamed().stream().map(Renamed::first))
                .toList();
        handle.execute(
                """
                UPDATE control.classified_column
                SET gone = true
                WHERE catalog_uid = ? AND NOT gone
                  AND (schema_name, table_name, column_name) NOT IN (SELECT * FROM unnest(?::text[], ?::text[], ?::text[]))
                """, Stream.concat(Stream.of(catalog.uid()), arrays(there)).toArray());
        // As a table that is dropped and made anew every night: what was looked at by this name is so again.
        handle.execute(
                """
                UPDATE control.classified_column
                SET gone = false
                WHERE catalog_uid = ? AND gone
                  AND (schema_name, table_name, column_name) IN (SELECT * FROM unnest(?::text[], ?::text[], ?::text[]))
                """, Stream.concat(Stream.of(catalog.uid()), arrays(named)).toArray());
    }

    private static Stream<Object> arrays(List<ColumnRef> places) {
        return Stream.of(
                places.stream().map(ColumnRef::schema).toArray(String[]::new),
                places.stream().map(ColumnRef::table).toArray(String[]::new),
                places.stream().map(ColumnRef::column).toArray(String[]::new));
    }

    static Renames renames(Handle handle, Catalog catalog) {
        Map<ColumnName, Set<ColumnName>> columns = new HashMap<>();
        handle.select("SELECT * FROM control.renamed_column WHERE catalog_uid = ?", catalog.uid())
                .map((row, context) -> Map.entry(
                        new ColumnName(
                                catalog.name(),
                                row.getString("schema_name"),
                                row.getString("table_name"),
                                row.getString("column_name")),
                        new ColumnName(
                                catalog.name(),
                                row.getString("now_schema"),
                                row.getString("now_table"),
                                row.getString("now_column"))))
                .forEach(entry -> columns.computeIfAbsent(entry.getKey(), _ -> new HashSet<>())
                        .add(entry.getValue()));
        return Renames.of(columns);
    }

    /** Whether the default branch has, or had, something of these names when the catalog came under rules. */
    static boolean had(Handle handle, Catalog catalog, SecurableName on, String column) {
        return handle.select("""
                        SELECT EXISTS (
                            SELECT FROM control.classified_column
                            WHERE catalog_uid = ? AND schema_name = ? AND ? IN ('', table_name) AND ? IN ('', column_name))
                        """, catalog.uid(), SecurableNames.schema(on), SecurableNames.object(on), column)
                .mapTo(Boolean.class)
                .one();
    }
}
