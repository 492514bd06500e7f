package dev.espalier.control.metastore;

import dev.espalier.control.metastore.LiveCatalog.Function;
import dev.espalier.control.metastore.LiveCatalog.Parameter;
import dev.espalier.control.metastore.LiveCatalog.Schema;
import dev.espalier.control.metastore.LiveCatalog.Table;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import tools.jackson.databind.json.JsonMapper;

/** Rows of {@code control.inventory}: what lay in catalogs when Espalier last looked, for those who ask without waking a branch. */
final class InventoryTable {

    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    private record Content(List<Schema> schemas, List<Table> tables, List<Outside> functions) {
        static Content of(LiveCatalog live) {
            return new Content(
                    live.schemas(),
                    live.tables(),
                    live.functions().stream().map(Outside::of).toList());
        }
    }

    /** A function without what is in it. */
    private record Outside(
            String schema,
            String name,
            String owner,
            Optional<String> comment,
            List<Parameter> parameters,
            String returns,
            String language,
            String volatility,
            boolean definer) {

        static Outside of(Function function) {
            return new Outside(
                    function.schema(),
                    function.name(),
                    function.owner(),
                    function.comment(),
                    function.parameters(),
                    function.returns(),
                    function.language(),
                    function.volatility(),
                    function.definer());
        }
    }

    private InventoryTable() {}

    static void put(Handle handle, Catalog catalog, LiveCatalog live) {
        handle.execute("""
                        INSERT INTO control.inventory
                        SELECT c.uid, CAST(? AS jsonb), now() FROM control.catalog c WHERE c.uid = ?
                        ON CONFLICT (catalog_uid) DO UPDATE SET content = excluded.content, seen_time = excluded.seen_time
                        WHERE control.inventory.content <> excluded.content
                        """, MAPPER.writeValueAsString(Content.of(live)), catalog.uid());
    }

    /** Without functions and renames; nothing where nobody has looked yet. */
    static LiveCatalog of(Handle handle, Catalog catalog) {
        return handle.select("SELECT content FROM control.inventory WHERE catalog_uid = ?", catalog.uid())
                .map((row, context) -> MAPPER.readValue(row.getString("content"), Content.class))
                .findOne()
                .map(content -> new LiveCatalog(
                        content.schemas(), content.tables(), List.of(), List.of(), List.of(), NameHolders.NONE))
                .orElse(LiveCatalog.EMPTY);
    }
}
