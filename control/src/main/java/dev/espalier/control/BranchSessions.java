package dev.espalier.control;

import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.ControlException.Code;
import dev.espalier.engine.Engine;
import dev.espalier.postgres.SessionThreads;
import dev.espalier.postgres.SqlState;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jdbi.v3.core.Jdbi;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/** Espalier's own sessions on branches. A branch that sleeps is woken. */
final class BranchSessions {

    /** Work in a session. */
    @FunctionalInterface
    interface Use<T> {
        T in(Connection session) throws SQLException;
    }

    /** The database that every branch has, and that nobody drops. */
    static final String HOME = "postgres";

    /** States of a role and a database that are there already; Lakebase answers them with BAD_REQUEST. */
    private static final Set<String> DUPLICATE = Set.of(SqlState.DUPLICATE_OBJECT, SqlState.DUPLICATE_DATABASE);

    private static final long AT_HAND_SECONDS = 1;

    private final ExecutorService looks = SessionThreads.perTask("look");
    private final Jdbi jdbi;
    private final EndpointTable endpoints;
    private final EndpointRunner runner;
    private final Engine engine;
    private final WarmSessions warm;
    private final Locks locks;

    BranchSessions(
            Jdbi jdbi, EndpointTable endpoints, EndpointRunner runner, Engine engine, WarmSessions warm, Locks locks) {
        this.jdbi = jdbi;
        this.endpoints = endpoints;
        this.runner = runner;
        this.engine = engine;
        this.warm = warm;
        this.locks = locks;
    }

    /**
     * Does the work in one transaction where the statements allow it, as the superuser of the branch.
     *
     * @throws ControlException with PostgreSQL's own words and SQLSTATE if a statement fails
     */
    <T> T with(Branch branch, String database, Use<T> use) {
        return in(branch, primary -> {
            try (Connection session = engine.connect(primary.uid(), database)) {
                return use.in(session);
            }
        });
    }

    /** The same for work that leaves nothing in its session: in one that is kept, if there is one. */
    <T> T inWarm(Branch branch, String database, Use<T> use) {
        return in(branch, primary -> warm.with(primary.uid(), database, false, use));
    }

    /** The same on one endpoint, in the database that every branch has: in a session that is kept, which hinders nobody there. */
    <T> T atHome(Branch branch, Endpoint endpoint, Use<T> use) {
        return held(branch, _ -> {
            runner.wakeHeld(endpoint.uid());
            return warm.with(endpoint.uid(), HOME, true, use);
        });
    }

    /** The same for a look at a branch that is not to be woken for it; empty where it does not run. */
    <T> Optional<T> ifAwake(Branch branch, String database, Use<T> use) {
        return held(branch, primary -> {
            if (!engine.isOpen(primary.uid())) {
                return Optional.empty();
            }
            try (Connection session = engine.connect(primary.uid(), database)) {
                return Optional.of(use.in(session));
            }
        });
    }

    /** The same for a look that waits for nobody; empty also where the branch does not let it in just now. */
    <T> Optional<T> ifAtHand(Branch branch, String database, Use<T> use) {
        Future<Optional<T>> look = looks.submit(() -> {
            String primary = jdbi.withHandle(handle -> endpoints.primary(handle, branch.uid()))
                    .uid();
            if (!engine.isOpen(primary)) {
                return Optional.empty();
            }
            try (Connection session = engine.connect(primary, database)) {
                return Optional.of(use.in(session));
            }
        });
        try {
            return look.get(AT_HAND_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            look.cancel(true);
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }

    @FunctionalInterface
    private interface OnPrimary<T> {
        T of(Endpoint primary) throws SQLException;
    }

    private <T> T in(Branch branch, OnPrimary<T> work) {
        return held(branch, primary -> {
            runner.wakeHeld(primary.uid());
            return work.of(primary);
        });
    }

    private <T> T held(Branch branch, OnPrimary<T> work) {
        Endpoint primary = jdbi.withHandle(handle -> endpoints.primary(handle, branch.uid()));
        try (var _ = locks.shared(branch.uid())) {
            return work.of(primary);
        } catch (SQLException e) {
            ControlException refused =
                    new ControlException(code(e), branch.name() + ": " + words(e) + fix(e), reason(e), Map.of());
            refused.initCause(e);
            throw refused;
        }
    }

    /** Tells that a step of a longer piece of work has been done. */
    void reached(String step) {
        engine.steps().reached(step);
    }

    static void execute(Connection session, String sql) throws SQLException {
        try (var statement = session.createStatement()) {
            statement.execute(sql);
        }
    }

    /** The OID that the query finds; 0 if it finds none. */
    static long oid(Connection session, String sql, String parameter) throws SQLException {
        try (var query = session.prepareStatement(sql)) {
            query.setString(1, parameter);
            try (var rows = query.executeQuery()) {
                return rows.next() ? rows.getLong(1) : 0;
            }
        }
    }

    /** The OID of the database; 0 if there is none. */
    static long oid(Connection session, String database) throws SQLException {
        return oid(session, "SELECT oid FROM pg_catalog.pg_database WHERE datname = ?", database);
    }

    /** The name that the query finds for the OID; empty if it finds none. */
    static Optional<String> name(Connection session, String sql, long oid) throws SQLException {
        try (var query = session.prepareStatement(sql)) {
            query.setLong(1, oid);
            try (var rows = query.executeQuery()) {
                return rows.next() ? Optional.of(rows.getString(1)) : Optional.empty();
            }
        }
    }

    /** Names of the databases on the branch that users can connect to. */
    List<String> databases(Branch branch) {
        return with(branch, HOME, BranchSessions::databases);
    }

    /** The same, in a session that is open. */
    static List<String> databases(Connection session) throws SQLException {
        List<String> names = new ArrayList<>();
        try (var statement = session.createStatement();
                var rows = statement.executeQuery(
                        // One with the limit of -2 was being dropped when the server ended, and lets nobody in.
                        "SELECT datname FROM pg_database "
                                + "WHERE datallowconn AND datconnlimit <> -2 AND NOT datistemplate ORDER BY datname")) {
            while (rows.next()) {
                names.add(rows.getString(1));
            }
        }
        return names;
    }

    /** PostgreSQL's sentence and its detail, in one line. */
    private static String words(SQLException e) {
        ServerErrorMessage said = e instanceof PSQLException thrown ? thrown.getServerErrorMessage() : null;
        if (said == null || said.getMessage() == null) {
            return e.getMessage() + ".";
        }
        String detail = said.getDetail() == null ? "" : " (" + said.getDetail().replace("\n", "; ") + ")";
        return said.getMessage() + detail + ".";
    }

    private static String fix(SQLException e) {
        return switch (SqlState.of(e)) {
            case SqlState.DUPLICATE_OBJECT -> " Choose another postgres_role.";
            case SqlState.DUPLICATE_DATABASE -> " Choose another postgres_database.";
            case SqlState.DEPENDENT_OBJECTS_STILL_EXIST ->
                " Name a role that gets what depends on it in reassign_owned_to, or drop that first.";
            default -> "";
        };
    }

    private static String reason(SQLException e) {
        return DUPLICATE.contains(SqlState.of(e)) ? "RESOURCE_ALREADY_EXISTS" : "";
    }

    private static Code code(SQLException e) {
        return switch (SqlState.of(e)) {
            case String duplicate when DUPLICATE.contains(duplicate) -> Code.BAD_REQUEST;
            case SqlState.UNDEFINED_OBJECT, SqlState.INVALID_CATALOG_NAME -> Code.NOT_FOUND;
            case SqlState.DEPENDENT_OBJECTS_STILL_EXIST, SqlState.OBJECT_IN_USE -> Code.INVALID_STATE;
            // Somebody holds a lock that this needs, changes what this reads, has the last session there can be, or
            // ends this.
            case SqlState.LOCK_NOT_AVAILABLE,
                    SqlState.SERIALIZATION_FAILURE,
                    SqlState.TOO_MANY_CONNECTIONS,
                    SqlState.QUERY_CANCELED -> Code.TEMPORARILY_UNAVAILABLE;
            default -> SqlState.isLostSession(e) ? Code.TEMPORARILY_UNAVAILABLE : Code.BAD_REQUEST;
        };
    }
}
