package dev.espalier.control;

import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.ResourceName;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * Something that was asked for and takes its time.
 *
 * @param uid never used twice
 * @param name {@code <resource>/operations/<uid>}
 * @param kind what was asked for
 * @param resource what it is about
 * @param resourceUid uid of that
 * @param error why it failed
 */
public record Operation(
        String uid,
        String name,
        Kind kind,
        ResourceName resource,
        String resourceUid,
        boolean done,
        Optional<Failure> error,
        Instant createTime) {

    /** What can be asked for. */
    public enum Kind {
        CREATE_PROJECT,
        UPDATE_PROJECT,
        DELETE_PROJECT,
        UNDELETE_PROJECT,
        CREATE_BRANCH,
        UPDATE_BRANCH,
        DELETE_BRANCH,
        UNDELETE_BRANCH,
        RESET_BRANCH,
        RESTORE_BRANCH,
        CREATE_ENDPOINT,
        UPDATE_ENDPOINT,
        DELETE_ENDPOINT,
        WAKE_ENDPOINT,
        SUSPEND_ENDPOINT,
        CREATE_ROLE,
        UPDATE_ROLE,
        DELETE_ROLE,
        CREATE_DATABASE,
        UPDATE_DATABASE,
        DELETE_DATABASE;

        /** Whether nothing is left of the resource once it has succeeded. */
        public boolean deletes() {
            return name().startsWith("DELETE_");
        }
    }

    /**
     * Why an operation failed.
     *
     * @param reason as {@link ControlException#reason()}
     * @param metadata as {@link ControlException#metadata()}
     */
    public record Failure(ControlException.Code code, String message, String reason, Map<String, String> metadata) {

        Failure(ControlException.Code code, String message) {
            this(code, message, "", Map.of());
        }
    }
}
