package dev.espalier.control.metastore;

import java.util.List;
import org.jdbi.v3.core.Handle;

/** Rows of {@code control.dismissed_proposal}. */
final class DismissedTable {

    private DismissedTable() {}

    static List<Dismissed> of(Handle handle, Catalog catalog) {
        return handle.select("SELECT * FROM control.dismissed_proposal WHERE catalog_uid = ?", catalog.uid())
                .map((row, context) -> new Dismissed(
                        new ColumnName(
                                catalog.name(),
                                row.getString("schema_name"),
                                row.getString("table_name"),
                                row.getString("column_name")),
                        row.getString("key"),
                        row.getString("value")))
                .list();
    }

    static void add(Handle handle, Catalog catalog, Dismissed dismissed, String by) {
        handle.execute(
                "INSERT INTO control.dismissed_proposal VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                catalog.uid(),
                dismissed.column().schema(),
                dismissed.column().table(),
                dismissed.column().column(),
                dismissed.key(),
                dismissed.value(),
                by);
    }
}
