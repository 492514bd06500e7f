package dev.espalier.control.request;

import dev.espalier.engine.EngineException;
import dev.espalier.engine.StorageFullException;
import dev.espalier.engine.UnreachableMomentException;
import dev.espalier.postgres.PostgresException;
import dev.espalier.postgres.SqlState;
import dev.espalier.storage.StorageException;
import java.sql.SQLException;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jdbi.v3.core.ConnectionException;
import org.jdbi.v3.core.JdbiException;

/** A request was refused or failed. The message names the cause and what to do; it is the same on every way out. */
public final class ControlException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** The kinds of refusal, each with the HTTP status it has in the API. */
    public enum Code {
        /** A value is not of the form it must have. */
        INVALID_PARAMETER_VALUE(400),
        /** The request is well formed and never allowed on this resource. */
        BAD_REQUEST(400),
        /** The resource is not in a state that allows it. */
        INVALID_STATE(400),
        /** Not signed in. */
        UNAUTHENTICATED(401),
        /** Signed in, and not allowed. */
        PERMISSION_DENIED(403),
        /** There is no such thing. */
        NOT_FOUND(404),
        /** There already is one. */
        ALREADY_EXISTS(409),
        /** Interrupted; can be tried again. */
        ABORTED(409),
        /** No room, or a limit is reached: the same again is refused again, until somebody makes room. */
        RESOURCE_EXHAUSTED(400),
        /** A fault of Espalier or below it. */
        INTERNAL_ERROR(500),
        /** Not possible now; can be tried again. */
        TEMPORARILY_UNAVAILABLE(503);

        private final int status;

        Code(int status) {
            this.status = status;
        }

        /** Status code in HTTP. */
        public int status() {
            return status;
        }
    }

    private final Code code;
    private final String reason;
    private final transient Map<String, String> metadata;

    /**
     * @param reason constant in capitals that says more than the code; empty for none
     * @param metadata fields that go with the reason
     */
    public ControlException(Code code, String message, String reason, Map<String, String> metadata) {
        super(message);
        this.code = code;
        this.reason = reason;
        this.metadata = Map.copyOf(metadata);
    }

    public ControlException(Code code, String message) {
        this(code, message, "", Map.of());
    }

    public ControlException(Code code, String message, Throwable cause) {
        this(code, message);
        initCause(cause);
    }

    /** Refuses for the reason that the cause names. */
    public static ControlException because(Code code, RuntimeException cause) {
        return new ControlException(code, String.valueOf(cause.getMessage()), cause);
    }

    /** Whether the control database could not be reached, or went away while it was asked. */
    private static boolean isAway(JdbiException failure) {
        return failure instanceof ConnectionException
                || (failure.getCause() instanceof SQLException why && SqlState.isLostSession(why));
    }

    private static ControlException noControlDatabase(JdbiException cause) {
        Throwable why = Objects.requireNonNullElse(cause.getCause(), cause);
        return new ControlException(
                Code.TEMPORARILY_UNAVAILABLE,
                "the control database cannot be asked: " + why.getMessage() + ". Try again.",
                cause);
    }

    private static ControlException full(StorageFullException cause) {
        ControlException full = new ControlException(
                Code.RESOURCE_EXHAUSTED, String.valueOf(cause.getMessage()), "STORAGE_FULL", Map.of());
        full.initCause(cause);
        return full;
    }

    /**
     * The refusal that a failure below amounts to, with the cause and the fix that it names; the same wherever it comes out.
     */
    public static Optional<ControlException> of(RuntimeException failure) {
        return switch (failure) {
            case ControlException refused -> Optional.of(refused);
            case StorageFullException full -> Optional.of(full(full));
            case UnreachableMomentException moment -> Optional.of(because(Code.INVALID_PARAMETER_VALUE, moment));
            case EngineException engine -> Optional.of(because(Code.TEMPORARILY_UNAVAILABLE, engine));
            case PostgresException postgres -> Optional.of(because(Code.TEMPORARILY_UNAVAILABLE, postgres));
            case JdbiException lost when isAway(lost) -> Optional.of(noControlDatabase(lost));
            case StorageException storage -> Optional.of(because(Code.TEMPORARILY_UNAVAILABLE, storage));
            default -> Optional.empty();
        };
    }

    public Code code() {
        return code;
    }

    public String reason() {
        return reason;
    }

    public Map<String, String> metadata() {
        return metadata;
    }
}
