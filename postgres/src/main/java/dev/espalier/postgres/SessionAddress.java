package dev.espalier.postgres;

import java.sql.Connection;
import java.sql.SQLException;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * Where a session is, so that another one can be opened beside it, with the same options.
 *
 * @param url without the user
 */
record SessionAddress(String url, String user, String database) {

    static SessionAddress of(Connection session) throws SQLException {
        return new SessionAddress(
                session.getMetaData().getURL(), session.getMetaData().getUserName(), session.getCatalog());
    }

    /** A new session in the same database. */
    Connection connect() throws SQLException {
        return connect(database);
    }

    /** A new session in another database of the server. */
    Connection connect(String other) throws SQLException {
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setUrl(url);
        source.setUser(user);
        source.setDatabaseName(other);
        return source.getConnection();
    }
}
