package dev.espalier.control;

import dev.espalier.control.request.ControlException;
import dev.espalier.postgres.SqlState;
import java.sql.SQLException;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/** What the SQLSTATE of a failure in the control database says of it. */
final class ControlDatabaseErrors {

    /** Of what the statements themselves are wrong by, which they stay: values, constraints, what there is, exceptions raised. */
    private static final Set<String> REFUSALS = Set.of("22", "23", "42", "P0");

    private ControlDatabaseErrors() {}

    /** Whether the same would fail again; otherwise the control database could not be asked, or its answer was lost. */
    static boolean isRefusal(RuntimeException failure) {
        return cause(failure).map(cause -> SqlState.isOfClass(cause, REFUSALS)).orElse(true);
    }

    /** Whether the session was lost, so that nobody knows whether the control database has done what it was asked. */
    static boolean isUnknown(RuntimeException failure) {
        return cause(failure)
                .map(cause -> cause.getSQLState() == null || SqlState.isLostSession(cause))
                .orElse(false);
    }

    /**
     * Writes a row, of which there may be only one of its kind: of two requests at the same moment, neither of which has seen the
     * other's, the unique index lets one through.
     *
     * @throws ControlException the refusal, if there is one already
     */
    static void writeUnlessTaken(Runnable write, Supplier<ControlException> refusal) {
        try {
            write.run();
        } catch (RuntimeException e) {
            if (cause(e).filter(cause -> SqlState.UNIQUE_VIOLATION.equals(cause.getSQLState()))
                    .isPresent()) {
                throw refusal.get();
            }
            throw e;
        }
    }

    private static Optional<SQLException> cause(RuntimeException failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException found) {
                return Optional.of(found);
            }
        }
        return Optional.empty();
    }
}
