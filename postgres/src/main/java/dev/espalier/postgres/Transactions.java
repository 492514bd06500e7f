package dev.espalier.postgres;

import java.sql.Connection;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * One transaction on a session that commits each statement by itself before and after it. What has failed stays what has failed:
 * where the session cannot even be rolled back, because it has ended, that is added to the failure and does not replace it.
 */
public final class Transactions {

    /**
     * What is done in a transaction and has a result.
     *
     * @param <T> the result
     */
    @FunctionalInterface
    public interface Query<T extends @Nullable Object> {
        /** Does it. */
        T run() throws SQLException;
    }

    /** What is done in a transaction. */
    @FunctionalInterface
    public interface Change {
        /** Does it. */
        void run() throws SQLException;
    }

    private Transactions() {}

    /** Commits what the change has done; rolls it back if it fails. */
    public static void commit(Connection session, Change change) throws SQLException {
        committed(session, () -> {
            change.run();
            return true;
        });
    }

    /** Commits what the query has done; rolls it back if it fails. */
    public static <T extends @Nullable Object> T committed(Connection session, Query<T> query) throws SQLException {
        return run(session, () -> {
            T result = query.run();
            session.commit();
            return result;
        });
    }

    /** Rolls back what the query has done. */
    public static <T extends @Nullable Object> T rolledBack(Connection session, Query<T> query) throws SQLException {
        return run(session, query);
    }

    private static <T extends @Nullable Object> T run(Connection session, Query<T> query) throws SQLException {
        session.setAutoCommit(false);
        T result;
        try {
            result = query.run();
        } catch (SQLException | RuntimeException | Error failure) {
            try {
                end(session);
            } catch (SQLException unended) {
                failure.addSuppressed(unended);
            }
            throw failure;
        }
        end(session);
        return result;
    }

    private static void end(Connection session) throws SQLException {
        // To turn it on commits what is open, which must not happen where the rollback fails.
        if (!session.getAutoCommit()) {
            session.rollback();
            session.setAutoCommit(true);
        }
    }
}
