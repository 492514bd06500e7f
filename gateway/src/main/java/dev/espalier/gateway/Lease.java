package dev.espalier.gateway;

/** Holds an endpoint awake for as long as a session lives. */
@FunctionalInterface
public interface Lease extends AutoCloseable {

    /** The session ended. Called once, on a virtual thread. */
    @Override
    void close();
}
