package dev.espalier.gateway;

/** Holds an endpoint awake for as long as a session lives. */
@FunctionalInterface
public interface Lease extends AutoCloseable {

    /** The session ended. Called once, on a thread of its own. */
    @Override
    void close();
}
