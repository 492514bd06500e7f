package dev.espalier.control.metastore;

import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.ControlException.Code;
import java.util.List;
import java.util.Optional;

/** Reads and stores names of what lies in catalogs. */
public final class SecurableNames {

    /** Of names with one part, two, and so on. */
    private static final List<String> FORMS =
            List.of("CATALOG", "CATALOG.SCHEMA", "CATALOG.SCHEMA.NAME", "CATALOG.SCHEMA.TABLE.COLUMN");

    private SecurableNames() {}

    /**
     * Reads a name with as many parts as the type has.
     *
     * @param text with dots between the parts; a part that holds a dot or a backtick stands in backticks
     */
    public static Securable parse(SecurableType type, String text) {
        return of(type, parts(text));
    }

    /** The name that has these parts, as many as the type has. */
    public static Securable of(SecurableType type, List<String> parts) {
        int wanted = switch (type) {
            case METASTORE ->
                throw new ControlException(
                        Code.INVALID_PARAMETER_VALUE,
                        "nothing is given on the metastore: who may do everything is in the group admins. Name a catalog.");
            case CATALOG -> 1;
            case SCHEMA -> 2;
            case TABLE, FUNCTION -> 3;
        };
        require(parts, wanted, type.noun());
        return new Securable(
                type,
                new SecurableName(
                        parts.get(0),
                        wanted > 1 ? Optional.of(parts.get(1)) : Optional.empty(),
                        wanted > 2 ? Optional.of(parts.get(2)) : Optional.empty()));
    }

    /** @param text {@code CATALOG.SCHEMA.TABLE.COLUMN} */
    public static ColumnName column(String text) {
        return column(parts(text));
    }

    /** The column whose name has these parts. */
    public static ColumnName column(List<String> parts) {
        require(parts, FORMS.size(), "column");
        return new ColumnName(parts.get(0), parts.get(1), parts.get(2), parts.get(3));
    }

    private static void require(List<String> parts, int wanted, String noun) {
        if (parts.size() != wanted) {
            throw new ControlException(
                    Code.INVALID_PARAMETER_VALUE,
                    "\"" + String.join(".", parts) + "\" is not the full name of a " + noun + ". Write "
                            + FORMS.get(wanted - 1) + ", a part that holds a dot in backticks.");
        }
    }

    /** The function that a policy names; empty if that is not the full name of one. */
    public static Optional<SecurableName> function(String text) {
        return Backticks.parts(text)
                .filter(parts -> parts.size() == 3)
                .map(parts -> SecurableName.of(parts.get(0), parts.get(1), parts.get(2)));
    }

    private static List<String> parts(String text) {
        return Backticks.parts(text)
                .orElseThrow(() -> new ControlException(
                        Code.INVALID_PARAMETER_VALUE,
                        "\"" + text
                                + "\" is not a name: a part is empty, or a backtick stands where none can. Write parts"
                                + " with dots between them, each as it is or in backticks, with a backtick inside written"
                                + " twice."));
    }

    /** The schema as the control database has it. */
    static String schema(SecurableName name) {
        return name.schema().orElse("");
    }

    /** The object as the control database has it. */
    static String object(SecurableName name) {
        return name.object().orElse("");
    }

    /** @param schema and {@code object}, empty where it is something above */
    static SecurableName of(String catalog, String schema, String object) {
        return new SecurableName(catalog, given(schema), given(object));
    }

    /** What a policy on this is on. */
    static Securable scope(String catalog, String schema, String object) {
        SecurableType type = !object.isEmpty()
                ? SecurableType.TABLE
                : !schema.isEmpty() ? SecurableType.SCHEMA : SecurableType.CATALOG;
        return new Securable(type, of(catalog, schema, object));
    }

    private static Optional<String> given(String text) {
        return text.isEmpty() ? Optional.empty() : Optional.of(text);
    }
}
