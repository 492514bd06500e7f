package dev.espalier.schema;

import dev.espalier.schema.model.DatabaseSchema;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/** Reads the schema of the database that a connection is open to, from PostgreSQL's catalogs. */
public final class SchemaReader {

    static final int OLDEST_VERSION = 15;

    private static final int ATTEMPTS = 5;

    private SchemaReader() {}

    /**
     * Reads everything in one read-only transaction, so that it belongs together. Objects of extensions, system schemas,
     * temporary schemas and the schema {@code espalier} are left out. Needs no privilege beyond connecting. Definitions are
     * printed as of now: where an object is dropped meanwhile, all is read again, a few times.
     *
     * @param connection to PostgreSQL 15 or later; no transaction may be open on it, and none is afterwards
     * @throws SQLException if the server says no, or the connection is not in autocommit mode; with the state 40001 if the
     *     schema changed under every attempt
     */
    public static DatabaseSchema read(Connection connection) throws SQLException {
        if (!connection.getAutoCommit()) {
            throw new SQLException("a transaction may be open on this connection. Give one in autocommit mode.");
        }
        String before = "";
        for (int attempt = 1; ; attempt++) {
            try {
                return readOnce(connection);
            } catch (SQLException e) {
                String message = String.valueOf(e.getMessage());
                boolean lasts = attempt == ATTEMPTS && message.equals(before) && !(e instanceof TornReadException);
                if (!TornReadException.isMeantBy(e) || lasts) {
                    throw e;
                }
                before = message;
                if (attempt == ATTEMPTS) {
                    throw new TornReadException(
                            "the schema changed each of " + ATTEMPTS + " times it was read: " + e.getMessage()
                                    + ". Ask again when what changes it has ended",
                            e);
                }
            }
        }
    }

    private static DatabaseSchema readOnce(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
            try {
                return readInTransaction(connection);
            } finally {
                statement.execute("ROLLBACK");
            }
        }
    }

    /** Reads within the transaction that is open, and leaves that transaction's settings changed. */
    static DatabaseSchema readInTransaction(Connection connection) throws SQLException {
        int version = connection.getMetaData().getDatabaseMajorVersion();
        if (version < OLDEST_VERSION) {
            throw new SQLException("the server is PostgreSQL " + version + ". Schemas are read from " + OLDEST_VERSION
                    + " and later.");
        }
        return new Catalog(connection, version).read();
    }
}
