package dev.espalier.gateway;

/** Knows who a user is. */
public interface SignIn {

    /**
     * Verifies a token or secret. Called on a thread of its own; may block.
     *
     * @throws Refusal saying why: expired, wrong audience, unknown principal
     */
    Principal verify(String user, String password, ClientInfo client) throws Refusal;

    /**
     * What to check a SCRAM-SHA-256 exchange with, for a client that asks for one (startup option {@code
     * espalier.auth=scram-sha-256}). Called on a thread of its own; may block.
     *
     * @throws Refusal if the user is unknown or has no password that is kept for SCRAM
     */
    ScramVerifier scramVerifier(String user, ClientInfo client) throws Refusal;
}
