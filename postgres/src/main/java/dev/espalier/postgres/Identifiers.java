package dev.espalier.postgres;

/** Names and texts as they stand in a statement. */
public final class Identifiers {

    private Identifiers() {}

    /**
     * The name as an SQL identifier, whatever characters it has.
     *
     * @throws IllegalArgumentException if one of them is NUL, which no name has in PostgreSQL
     */
    public static String quoted(String name) {
        return '"' + checked(name).replace("\"", "\"\"") + '"';
    }

    /**
     * The text as an SQL literal, for a session with {@code standard_conforming_strings}, as Espalier's own all are.
     *
     * @throws IllegalArgumentException if it has the character NUL, which no text has in PostgreSQL
     */
    public static String literal(String text) {
        return "'" + checked(text).replace("'", "''") + "'";
    }

    private static String checked(String text) {
        if (text.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("PostgreSQL has no character NUL, which stands in \"" + text + "\"");
        }
        return text;
    }
}
