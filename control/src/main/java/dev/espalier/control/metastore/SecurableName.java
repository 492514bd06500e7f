package dev.espalier.control.metastore;

import java.util.Optional;

/**
 * Name of a catalog, of a schema in it, or of a table, view or function in that. Columns have a {@link ColumnName}.
 *
 * @param object the table's, view's or function's own name; only where there is a schema
 */
public record SecurableName(String catalog, Optional<String> schema, Optional<String> object) {

    public SecurableName {
        if (object.isPresent() && schema.isEmpty()) {
            throw new IllegalArgumentException("an object lies in a schema");
        }
    }

    public static SecurableName of(String catalog) {
        return new SecurableName(catalog, Optional.empty(), Optional.empty());
    }

    public static SecurableName of(String catalog, String schema) {
        return new SecurableName(catalog, Optional.of(schema), Optional.empty());
    }

    public static SecurableName of(String catalog, String schema, String object) {
        return new SecurableName(catalog, Optional.of(schema), Optional.of(object));
    }

    /** Whether the other is this one or lies in it. */
    public boolean covers(SecurableName other) {
        return catalog.equals(other.catalog)
                && (schema.isEmpty() || schema.equals(other.schema))
                && (object.isEmpty() || object.equals(other.object));
    }

    /** The names with dots between them, as users write it. */
    @Override
    public String toString() {
        return catalog
                + schema.map(name -> "." + name).orElse("")
                + object.map(name -> "." + name).orElse("");
    }
}
