package dev.espalier.journal;

import java.time.Instant;
import java.util.Map;
import java.util.UUID;

/**
 * An action that an auditor asks for: a row of {@code access.audit}.
 *
 * @param attribution who, through what, on what
 * @param id of the event, unique
 * @param time when it happened
 * @param level what it concerns
 * @param service as {@code lakebase} or {@code unityCatalog}
 * @param action name of the API's method or of the statement's kind, as {@code createBranch}
 * @param database the database's name, for what happened in one
 * @param parameters of the action
 * @param statusCode as in HTTP: 200 for a success
 * @param errorMessage of the refusal; empty for a success
 * @param result what the action answered; may be empty
 */
public record AuditEvent(
        Attribution attribution,
        UUID id,
        Instant time,
        Level level,
        String service,
        String action,
        String database,
        Map<String, String> parameters,
        int statusCode,
        String errorMessage,
        String result)
        implements Event {

    /** What an event concerns, in Databricks' words. */
    public enum Level {
        /** A project or what is in it. */
        WORKSPACE_LEVEL,
        /** The whole installation. */
        ACCOUNT_LEVEL
    }

    public AuditEvent {
        parameters = Map.copyOf(parameters);
    }
}
