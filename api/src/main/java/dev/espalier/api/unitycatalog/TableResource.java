package dev.espalier.api.unitycatalog;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.espalier.control.metastore.LiveCatalog;
import dev.espalier.control.metastore.SecurableName;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;

/** A table or view as the API shows it. */
public record TableResource(
        String name,
        String catalogName,
        String schemaName,
        String fullName,
        String tableType,
        String dataSourceFormat,
        String owner,
        Optional<String> comment,
        List<Column> columns) {

    /** A column of it. */
    public record Column(
            String name,

            @JsonPropertyDescription("The type as PostgreSQL writes it.")
            String typeText,

            @JsonPropertyDescription("Unity Catalog's name for the type that comes nearest.")
            String typeName,

            @JsonPropertyDescription("Counted from 0.") int position,

            boolean nullable,
            Optional<String> comment) {

        static Column of(LiveCatalog.Column column, int position) {
            return new Column(
                    column.name(),
                    column.type(),
                    typeName(column.type()),
                    position,
                    column.nullable(),
                    column.comment());
        }

        private static String typeName(String type) {
            String base = type.replaceFirst("\\(.*?\\)", "").toLowerCase(Locale.ROOT);
            if (base.endsWith("[]")) {
                return "ARRAY";
            }
            return switch (base) {
                case "boolean" -> "BOOLEAN";
                case "smallint" -> "SHORT";
                case "integer" -> "INT";
                case "bigint" -> "LONG";
                case "real" -> "FLOAT";
                case "double precision" -> "DOUBLE";
                case "numeric" -> "DECIMAL";
                case "date" -> "DATE";
                case "timestamp without time zone" -> "TIMESTAMP_NTZ";
                case "timestamp with time zone" -> "TIMESTAMP";
                case "interval" -> "INTERVAL";
                case "bytea" -> "BINARY";
                case "character" -> "CHAR";
                case "text", "character varying", "name", "uuid", "json", "jsonb", "xml" -> "STRING";
                default -> base.endsWith(".citext") ? "STRING" : "USER_DEFINED_TYPE";
            };
        }
    }

    static TableResource of(String catalog, LiveCatalog.Table table, boolean withColumns) {
        List<LiveCatalog.Column> columns = withColumns ? table.columns() : List.of();
        return new TableResource(
                table.name(),
                catalog,
                table.schema(),
                fullName(catalog, table),
                type(table),
                "POSTGRESQL_FORMAT",
                table.owner(),
                table.comment(),
                IntStream.range(0, columns.size())
                        .mapToObj(i -> Column.of(columns.get(i), i))
                        .toList());
    }

    static String fullName(String catalog, LiveCatalog.Table table) {
        return SecurableName.of(catalog, table.schema(), table.name()).toString();
    }

    static String type(LiveCatalog.Table table) {
        return switch (table.kind()) {
            case TABLE -> "MANAGED";
            case VIEW -> "VIEW";
            case MATERIALIZED_VIEW -> "MATERIALIZED_VIEW";
            case FOREIGN_TABLE -> "FOREIGN";
        };
    }
}
