package dev.espalier.gateway;

/** Knows where a principal may go, and wakes the endpoint there. */
public interface Router {

    /**
     * Finds the target and returns once its endpoint is awake. Called on a thread of its own; may block.
     *
     * @throws Refusal if the target is unknown, ambiguous, not allowed to this principal, or does not wake
     */
    Route route(Principal principal, ClientInfo client, Target target) throws Refusal;
}
