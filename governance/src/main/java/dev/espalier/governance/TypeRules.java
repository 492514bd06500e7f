package dev.espalier.governance;

import dev.espalier.control.metastore.ColumnTypes;
import dev.espalier.governance.Snapshot.Column;
import dev.espalier.governance.Snapshot.Parameter;
import java.util.Map;
import java.util.Set;

/**
 * Which types can stand for which others: a value becomes one of the other type without an error, and to the same one whatever settings
 * a session has. Types go by their names and PostgreSQL's categories of them.
 */
final class TypeRules {

    /** PostgreSQL's category of texts. */
    static final String TEXT = "S";

    static final String DATE = "date";
    static final String TIMESTAMP = "timestamp without time zone";
    static final String INSTANT = "timestamp with time zone";
    static final Set<String> FLOATS = Set.of("real", "double precision");

    private static final String ENUM = "E";

    /** Beside texts and enums, types whose text is the same whatever settings a session has, or is made so. */
    private static final Set<String> OF_ONE_TEXT = Set.of(
            "smallint",
            "integer",
            "bigint",
            "numeric",
            "boolean",
            "uuid",
            "inet",
            "cidr",
            "macaddr",
            "macaddr8",
            "json",
            "jsonb",
            "time without time zone",
            DATE,
            TIMESTAMP,
            INSTANT);

    /** By a type, those whose values become ones of it, and the other way round. */
    private static final Map<String, Set<String>> ALIKE = Map.of(
            "numeric",
            ColumnTypes.NUMBERS,
            DATE,
            ColumnTypes.DATES,
            "inet",
            ColumnTypes.ADDRESSES,
            "jsonb",
            ColumnTypes.JSON);

    private TypeRules() {}

    /**
     * Whether a function of the library takes it.
     *
     * @param type empty for a constant, which is of any
     */
    static boolean libraryTakes(String parameter, String type, String category) {
        boolean constant = type.isEmpty();
        return switch (parameter) {
            case "text" -> constant || category.equals(TEXT) || category.equals(ENUM) || OF_ONE_TEXT.contains(type);
            case "integer" -> constant || type.equals("integer") || type.equals("smallint");
            default -> areAlike(parameter, type) || (constant && ALIKE.containsKey(parameter));
        };
    }

    /** Whether a user's function takes what is no constant. */
    static boolean takes(Parameter parameter, String type, String category) {
        return areSame(parameter.type(), parameter.category(), type, category)
                || (parameter.type().equals("numeric") && areAlike(parameter.type(), type));
    }

    /** Of other types a constant could mean something else by settings of whoever reads, or run the checks of domains that are in it. */
    static boolean takesConstants(Parameter parameter) {
        return !isUsers(parameter)
                || parameter.category().equals(TEXT)
                || parameter.category().equals(ENUM);
    }

    /** Types of users' own are written with their schema. */
    static boolean isUsers(Parameter parameter) {
        return parameter.type().indexOf('.') >= 0;
    }

    /** Whether the column can have what is of the type as its value. */
    static boolean isShownBy(Column column, String type, String category) {
        return areSame(column.type(), column.category(), type, category) || areAlike(type, column.type());
    }

    private static boolean areSame(String type, String category, String otherType, String otherCategory) {
        return type.equals(otherType) || (category.equals(TEXT) && otherCategory.equals(TEXT));
    }

    private static boolean areAlike(String type, String other) {
        return type.equals(other) || ALIKE.getOrDefault(type, Set.of()).contains(other);
    }
}
