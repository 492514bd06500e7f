package dev.espalier.gateway;

/**
 * Keeps the records. Called on the event loop, so it must return within microseconds. What it throws is said in the
 * server's log; with {@link GatewaySettings#strict()} it also ends the session before the client sees a completion.
 */
public interface StatementSink {

    /** Called before the client sees the statement's completion or error. */
    void append(StatementRecord statement);

    /** Called before the client sees that it is signed in or refused, and after the session has ended. */
    void append(SessionRecord session);
}
