package dev.espalier.control.metastore;

import dev.espalier.control.metastore.LiveCatalog.Renamed;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Jdbi;

/** Remembers what was seen last. */
final class RememberedInventory implements Inventory {

    private final Jdbi jdbi;
    private final Inventory inventory;

    RememberedInventory(Jdbi jdbi, Inventory inventory) {
        this.jdbi = jdbi;
        this.inventory = inventory;
    }

    @Override
    public LiveCatalog of(Catalog catalog) {
        LiveCatalog live = inventory.of(catalog);
        return jdbi.withHandle(handle -> {
            InventoryTable.put(handle, catalog, live);
            return live.with(NameHolderTable.remember(handle, catalog, live.holders()));
        });
    }

    @Override
    public Optional<List<Renamed>> renamed(Catalog catalog) {
        return inventory.renamed(catalog);
    }
}
