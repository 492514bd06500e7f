package dev.espalier.control.metastore;

/** Kinds of things that privileges are given on. As in Unity Catalog a view is a table. */
public enum SecurableType {
    METASTORE,
    CATALOG,
    SCHEMA,
    TABLE,
    FUNCTION
}
