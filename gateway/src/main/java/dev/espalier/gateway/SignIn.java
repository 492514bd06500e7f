package dev.espalier.gateway;

/** Knows who a user is. */
public interface SignIn {

    /**
     * Verifies a token or secret. Called on a virtual thread; may block.
     *
     * @throws Refusal saying why: expired, wrong audience, unknown principal
     */
    Principal verify(String user, String password, ClientInfo client) throws Refusal;
}
