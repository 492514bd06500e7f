package dev.espalier.gateway;

/**
 * The identity columns that all statements of one session share.
 *
 * @param client the connection and what it claims
 * @param principal who signed in
 * @param route where the session goes
 */
public record SessionInfo(ClientInfo client, Principal principal, Route route) {

    /** The gateway's own, unique name of the session. */
    public String id() {
        return client.sessionId();
    }
}
