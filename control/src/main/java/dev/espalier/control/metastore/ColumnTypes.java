package dev.espalier.control.metastore;

import java.util.Map;
import java.util.Set;

/** PostgreSQL's own types by what can show each other's values, as {@code format_type} names them without modifiers. */
public final class ColumnTypes {

    public static final Set<String> NUMBERS =
            Set.of("smallint", "integer", "bigint", "numeric", "real", "double precision");

    public static final Set<String> DATES = Set.of("date", "timestamp without time zone", "timestamp with time zone");

    public static final Set<String> ADDRESSES = Set.of("inet", "cidr");

    public static final Set<String> JSON = Set.of("json", "jsonb");

    private static final Set<String> TEXTS = Set.of("text", "character varying", "character", "bpchar", "name");

    private static final Map<String, Set<String>> SHOWN_BY =
            Map.of("text", TEXTS, "numeric", NUMBERS, "date", DATES, "inet", ADDRESSES, "jsonb", JSON);

    private ColumnTypes() {}

    /**
     * Whether a column cannot show what a function gives, as far as its type's name tells.
     *
     * @param given the function's type
     * @param column the column's, with or without modifiers
     */
    static boolean cannotShow(String given, String column) {
        // Of somebody else's types, which have a schema, the name says nothing.
        String type = column.replaceAll("\\([^)]*\\)", "");
        return type.indexOf('.') < 0
                && given.indexOf('.') < 0
                && !type.equals(given)
                && !SHOWN_BY.getOrDefault(TEXTS.contains(given) ? "text" : given, Set.of())
                        .contains(type);
    }
}
