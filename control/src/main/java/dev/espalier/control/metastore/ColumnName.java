package dev.espalier.control.metastore;

/** Name of a column of a table or view. */
public record ColumnName(String catalog, String schema, String table, String column) {

    /** The table's. */
    public SecurableName of() {
        return SecurableName.of(catalog, schema, table);
    }

    @Override
    public String toString() {
        return of().column(column);
    }
}
