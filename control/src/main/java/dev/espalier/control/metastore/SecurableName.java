package dev.espalier.control.metastore;

import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;

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

    /** The full name of a column of this table, as {@link #toString} writes names. */
    public String column(String column) {
        return this + "." + Backticks.inFullName(column);
    }

    /** The full name as a statement of governance has it. */
    public String inStatement() {
        return written(Backticks::inStatement);
    }

    /** The full name as the API has it, and {@link SecurableNames#parse} reads it. */
    @Override
    public String toString() {
        return written(Backticks::inFullName);
    }

    private String written(UnaryOperator<String> part) {
        return Stream.of(Optional.of(catalog), schema, object)
                .flatMap(Optional::stream)
                .map(part)
                .collect(Collectors.joining("."));
    }
}
