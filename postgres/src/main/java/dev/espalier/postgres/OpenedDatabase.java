package dev.espalier.postgres;

import java.sql.Connection;
import java.sql.SQLException;

/**
 * A database that can be signed in to until this is closed. Who owns one can shut it, also to the superuser, and what is prepared there
 * is ended in no other one.
 */
public final class OpenedDatabase implements AutoCloseable {

    private final Connection session;
    private final String database;
    private final boolean wasShut;

    private OpenedDatabase(Connection session, String database, boolean wasShut) {
        this.session = session;
        this.database = database;
        this.wasShut = wasShut;
    }

    /** @param session of the superuser in another database, outside of a transaction */
    public static OpenedDatabase of(Connection session, String database) throws SQLException {
        OpenedDatabase opened = new OpenedDatabase(session, database, isShut(session, database));
        if (opened.wasShut) {
            opened.allowConnections(true);
        }
        return opened;
    }

    private static boolean isShut(Connection session, String database) throws SQLException {
        try (var query = session.prepareStatement(
                "SELECT NOT d.datallowconn FROM pg_catalog.pg_database d WHERE d.datname = ?")) {
            query.setString(1, database);
            try (var rows = query.executeQuery()) {
                return rows.next() && rows.getBoolean(1);
            }
        }
    }

    private void allowConnections(boolean allowed) throws SQLException {
        try (var statement = session.createStatement()) {
            statement.execute("ALTER DATABASE " + Identifiers.quoted(database) + " ALLOW_CONNECTIONS " + allowed);
        }
    }

    /** Shuts it again if it was. */
    @Override
    public void close() throws SQLException {
        if (wasShut) {
            allowConnections(false);
        }
    }
}
