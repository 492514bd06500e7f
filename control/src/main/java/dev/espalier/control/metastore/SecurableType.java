package dev.espalier.control.metastore;

import java.util.Locale;

/** Kinds of things that privileges are given on. As in Unity Catalog a view is a table. */
public enum SecurableType {
    METASTORE,
    CATALOG,
    SCHEMA,
    TABLE,
    FUNCTION;

    /** As it is called in a sentence. */
    public String noun() {
        return name().toLowerCase(Locale.ROOT);
    }
}
