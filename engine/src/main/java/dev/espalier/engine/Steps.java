package dev.espalier.engine;

/**
 * Told each step of a longer piece of work as it is reached: for progress, and so that tests can stop the process at every
 * one of them.
 */
@FunctionalInterface
public interface Steps {

    /** @param step name of the step that has just been completed, for instance {@code fork.captured} */
    void reached(String step);
}
