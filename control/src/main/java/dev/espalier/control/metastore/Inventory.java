package dev.espalier.control.metastore;

import dev.espalier.control.metastore.LiveCatalog.Renamed;
import java.util.List;
import java.util.Optional;

/** Tells what lies in a catalog. */
public interface Inventory {

    /** On the default branch of the catalog's project, which is woken for it; nothing where it has no such database. */
    LiveCatalog of(Catalog catalog);

    /** What has another name there than it was first seen with; empty where the branch does not run, or lets nobody in just now. */
    Optional<List<Renamed>> renamed(Catalog catalog);
}
