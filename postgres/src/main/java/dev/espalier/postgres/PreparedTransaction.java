package dev.espalier.postgres;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import java.util.Set;

/**
 * A transaction that is prepared. It is no session's, outlives the server, and nothing but a statement in its own database ends it.
 *
 * @param here whether that is the database of the session in which it was found
 * @param rollback that statement
 */
record PreparedTransaction(String gid, String owner, boolean here, String rollback) {

    /** What a query selects of {@code pg_prepared_xacts x}. */
    static final String COLUMNS =
            "x.gid, x.owner, x.database = pg_catalog.current_database(), pg_catalog.format('ROLLBACK PREPARED %L', x.gid)";

    /** What PostgreSQL says of one that is no more, or that somebody is about to end. */
    private static final Set<String> ENDED =
            Set.of(SqlState.UNDEFINED_OBJECT, SqlState.OBJECT_NOT_IN_PREREQUISITE_STATE);

    /** @param rows of a query that selects {@link #COLUMNS} */
    static PreparedTransaction read(ResultSet rows) throws SQLException {
        return new PreparedTransaction(rows.getString(1), rows.getString(2), rows.getBoolean(3), rows.getString(4));
    }

    /**
     * Rolls it back.
     *
     * @param session in which it was found, outside of a transaction
     * @return false if there is none of that name any more
     */
    boolean rollBack(Connection session) throws SQLException {
        if (here) {
            return rollBackIn(session);
        }
        Optional<String> database = database(session);
        if (database.isEmpty()) {
            return false;
        }
        try (OpenedDatabase _ = OpenedDatabase.of(session, database.get());
                Connection there = SessionAddress.of(session).connect(database.get())) {
            return rollBackIn(there);
        }
    }

    private Optional<String> database(Connection session) throws SQLException {
        try (var query =
                session.prepareStatement("SELECT x.database FROM pg_catalog.pg_prepared_xacts x WHERE x.gid = ?")) {
            query.setString(1, gid);
            try (var rows = query.executeQuery()) {
                return rows.next() ? Optional.of(rows.getString(1)) : Optional.empty();
            }
        }
    }

    private boolean rollBackIn(Connection session) throws SQLException {
        try (var statement = session.createStatement()) {
            statement.setEscapeProcessing(false);
            statement.execute(rollback);
            return true;
        } catch (SQLException e) {
            if (!ENDED.contains(SqlState.of(e))) {
                throw e;
            }
            return false;
        }
    }
}
