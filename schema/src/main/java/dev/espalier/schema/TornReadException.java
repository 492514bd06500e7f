package dev.espalier.schema;

import java.sql.SQLException;

/** An object was changed or dropped between the catalogs' snapshot and the printing of its definition. */
final class TornReadException extends SQLException {

    private static final long serialVersionUID = 1L;

    /** That of a serialization failure: the same again may succeed. */
    private static final String TRY_AGAIN = "40001";

    TornReadException(String message) {
        super(message, TRY_AGAIN);
    }

    TornReadException(String message, SQLException cause) {
        super(message, TRY_AGAIN, cause);
    }

    /** True if PostgreSQL says that something is not there which its catalogs have just told of. */
    static boolean isMeantBy(SQLException e) {
        String state = e.getSQLState() == null ? "" : e.getSQLState();
        return switch (state) {
            case TRY_AGAIN, "XX000", "3F000" -> true;
            case "42501" -> false;
            default -> state.startsWith("42");
        };
    }
}
