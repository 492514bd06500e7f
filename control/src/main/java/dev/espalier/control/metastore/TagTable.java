package dev.espalier.control.metastore;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** Rows of {@code control.governed_tag}, {@code control.tag_assignment} and {@code control.classified_column}. */
final class TagTable {

    private TagTable() {}

    static List<GovernedTag> governed(Handle handle) {
        return handle.select("SELECT * FROM control.governed_tag ORDER BY key COLLATE \"C\"")
                .map((row, context) -> readGoverned(row))
                .list();
    }

    static Optional<GovernedTag> governed(Handle handle, String key) {
        return handle.select("SELECT * FROM control.governed_tag WHERE key = ?", key)
                .map((row, context) -> readGoverned(row))
                .findOne();
    }

    static void insert(Handle handle, GovernedTag tag) {
        handle.execute(
                "INSERT INTO control.governed_tag VALUES (?, ?, ?, ?, ?, ?)",
                tag.key(),
                tag.id(),
                tag.description().orElse(null),
                tag.values().toArray(String[]::new),
                tag.createTime().atOffset(ZoneOffset.UTC),
                tag.updateTime().atOffset(ZoneOffset.UTC));
    }

    static void update(Handle handle, GovernedTag tag) {
        handle.execute(
                "UPDATE control.governed_tag SET description = ?, allowed_values = ?, update_time = ? WHERE key = ?",
                tag.description().orElse(null),
                tag.values().toArray(String[]::new),
                tag.updateTime().atOffset(ZoneOffset.UTC),
                tag.key());
    }

    static void deleteGoverned(Handle handle, String key) {
        handle.execute("DELETE FROM control.governed_tag WHERE key = ?", key);
    }

    /** What the key is assigned to. */
    static List<String> placesInUse(Handle handle, String key) {
        return handle.select("""
                        SELECT c.name, t.schema_name, t.object_name, t.column_name, %s AS deleted
                        FROM control.tag_assignment t
                        JOIN control.catalog c ON c.uid = t.catalog_uid
                        WHERE t.key = ?
                        ORDER BY 1, 2, 3, 4
                        LIMIT 20
                        """.formatted(CatalogTable.DELETED), key)
                .map((row, context) -> {
                    SecurableName on = SecurableNames.of(
                            row.getString("name"), row.getString("schema_name"), row.getString("object_name"));
                    String column = row.getString("column_name");
                    return (column.isEmpty() ? on.toString() : on.column(column)) + row.getString("deleted");
                })
                .list();
    }

    static List<String> valuesInUse(Handle handle, String key) {
        return handle.select("SELECT DISTINCT value FROM control.tag_assignment WHERE key = ? ORDER BY value", key)
                .mapTo(String.class)
                .list();
    }

    static List<TagAssignment> of(Handle handle, Catalog catalog) {
        return handle.select("""
                        SELECT * FROM control.tag_assignment
                        WHERE catalog_uid = ?
                        ORDER BY schema_name, object_name, column_name, key
                        """, catalog.uid())
                .map((row, context) -> read(row, catalog.name()))
                .list();
    }

    static Optional<TagAssignment> find(
            Handle handle, Catalog catalog, SecurableName on, Optional<String> column, String key) {
        return handle.select(
                        """
                        SELECT * FROM control.tag_assignment
                        WHERE catalog_uid = ? AND schema_name = ? AND object_name = ? AND column_name = ? AND key = ?
                        """,
                        catalog.uid(),
                        SecurableNames.schema(on),
                        SecurableNames.object(on),
                        column.orElse(""),
                        key)
                .map((row, context) -> read(row, catalog.name()))
                .findOne();
    }

    static void put(Handle handle, Catalog catalog, TagAssignment tag) {
        handle.execute(
                """
                INSERT INTO control.tag_assignment VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (catalog_uid, schema_name, object_name, column_name, key)
                DO UPDATE SET value = excluded.value, updated_by = excluded.updated_by, update_time = excluded.update_time
                """,
                catalog.uid(),
                SecurableNames.schema(tag.on()),
                SecurableNames.object(tag.on()),
                tag.column().orElse(""),
                tag.key(),
                tag.value(),
                tag.updatedBy(),
                tag.updateTime().atOffset(ZoneOffset.UTC));
    }

    static void delete(Handle handle, Catalog catalog, TagAssignment tag) {
        handle.execute(
                """
                DELETE FROM control.tag_assignment
                WHERE catalog_uid = ? AND schema_name = ? AND object_name = ? AND column_name = ? AND key = ?
                """,
                catalog.uid(),
                SecurableNames.schema(tag.on()),
                SecurableNames.object(tag.on()),
                tag.column().orElse(""),
                tag.key());
    }

    /** Without those that are gone. */
    static List<ColumnName> classified(Handle handle, Catalog catalog) {
        return handle.select(
                        "SELECT * FROM control.classified_column WHERE catalog_uid = ? AND NOT gone", catalog.uid())
                .map((row, context) -> new ColumnName(
                        catalog.name(),
                        row.getString("schema_name"),
                        row.getString("table_name"),
                        row.getString("column_name")))
                .list();
    }

    /** Remembers the columns as ones that somebody has looked at. */
    static void classify(Handle handle, Catalog catalog, List<ColumnName> columns) {
        handle.execute(
                """
                INSERT INTO control.classified_column
                SELECT ?, * FROM unnest(?::text[], ?::text[], ?::text[])
                ON CONFLICT DO NOTHING
                """,
                catalog.uid(),
                columns.stream().map(ColumnName::schema).toArray(String[]::new),
                columns.stream().map(ColumnName::table).toArray(String[]::new),
                columns.stream().map(ColumnName::column).toArray(String[]::new));
    }

    private static GovernedTag readGoverned(ResultSet row) throws SQLException {
        return new GovernedTag(
                row.getString("key"),
                row.getString("uid"),
                Optional.ofNullable(row.getString("description")),
                List.of((String[]) row.getArray("allowed_values").getArray()),
                CatalogTable.instant(row, "create_time"),
                CatalogTable.instant(row, "update_time"));
    }

    private static TagAssignment read(ResultSet row, String catalog) throws SQLException {
        String column = row.getString("column_name");
        return new TagAssignment(
                SecurableNames.of(catalog, row.getString("schema_name"), row.getString("object_name")),
                column.isEmpty() ? Optional.empty() : Optional.of(column),
                row.getString("key"),
                row.getString("value"),
                row.getString("updated_by"),
                row.getObject("update_time", OffsetDateTime.class).toInstant());
    }
}
