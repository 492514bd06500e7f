package dev.espalier.gateway;

import java.util.Optional;

/**
 * Keeps the records. Called on the event loop, so it must return within microseconds. What it throws is said in the
 * server's log; with {@link GatewaySettings#strict()} it also ends the session before the client sees a completion.
 */
public interface StatementSink {

    /** Why nothing can be kept now, if it is so: in strict mode no statement begins then. Asked before each one. */
    default Optional<String> obstacle() {
        return Optional.empty();
    }

    /** Called before the client sees the statement's completion or error. */
    void append(StatementRecord statement);

    /** Called before the client sees that it is signed in or refused, and after the session has ended. */
    void append(SessionRecord session);
}
