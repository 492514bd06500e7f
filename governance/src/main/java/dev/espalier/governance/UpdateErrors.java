package dev.espalier.governance;

import dev.espalier.governance.Snapshot.QualifiedName;
import dev.espalier.postgres.SqlState;
import java.sql.SQLException;
import java.util.Optional;
import java.util.Set;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/** What PostgreSQL's errors mean for who brings a database under rules. */
final class UpdateErrors {

    /** A migration keeps a relation, which is named. */
    private static final String MIGRATING = "EG001";

    /**
     * Deadlock, serialization failure, and internal_error: that PostgreSQL says where two change the grants of one thing ("tuple
     * concurrently updated"), and of faults of its own, which come again and are told of when they do.
     */
    private static final Set<String> PASSING =
            Set.of(SqlState.DEADLOCK_DETECTED, SqlState.SERIALIZATION_FAILURE, SqlState.INTERNAL_ERROR);

    private UpdateErrors() {}

    /** Whether a lock was not to be had. Where readers keep a table whose filter changes, the error names the table. */
    static boolean isLocked(SQLException e) {
        return SqlState.of(e).equals(SqlState.LOCK_NOT_AVAILABLE);
    }

    static boolean isMigrating(SQLException e) {
        return MIGRATING.equals(e.getSQLState());
    }

    /** Whether the same may well succeed when it is tried again. */
    static boolean passes(SQLException e) {
        return PASSING.contains(SqlState.of(e));
    }

    /** What the error was about; empty where it names no relation. */
    static Optional<QualifiedName> relation(SQLException e) {
        ServerErrorMessage said = e instanceof PSQLException thrown ? thrown.getServerErrorMessage() : null;
        return said == null || said.getSchema() == null || said.getTable() == null
                ? Optional.empty()
                : Optional.of(new QualifiedName(said.getSchema(), said.getTable()));
    }
}
