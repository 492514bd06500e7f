package dev.espalier.gateway;

/** What is to be done about a message that is held until everything that came before it is answered. */
@FunctionalInterface
interface Told {

    /** @param skipped whether the server passes over it, as something failed before it */
    void isTold(boolean skipped);
}
