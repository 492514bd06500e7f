package dev.espalier.control.metastore;

/** Tells what lies in a catalog. */
@FunctionalInterface
public interface Inventory {

    /** On the default branch of the catalog's project, which is woken for it; nothing where it has no such database. */
    LiveCatalog of(Catalog catalog);
}
