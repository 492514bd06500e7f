package dev.espalier.control.metastore;

/** Name of a column of a table or view. */
public record ColumnName(String catalog, String schema, String table, String column) {

    /** A column of the table. */
    public static ColumnName in(SecurableName table, String column) {
        return new ColumnName(
                table.catalog(), table.schema().orElseThrow(), table.object().orElseThrow(), column);
    }

    /** The table's. */
    public SecurableName of() {
        return SecurableName.of(catalog, schema, table);
    }

    @Override
    public String toString() {
        return of().column(column);
    }
}
