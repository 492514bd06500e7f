package dev.espalier.postgres;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** Sends signals that {@link ProcessHandle} does not know: PostgreSQL gives a meaning to each of them. */
final class Signals {

    /** Read the configuration files again. */
    static final int HUP = 1;
    /** Fast shutdown: disconnect everyone, write a checkpoint, stop. */
    static final int INT = 2;
    /** Immediate shutdown: stop at once, recover at the next start. */
    static final int QUIT = 3;
    /** Smart shutdown: wait for everyone to leave, then stop. */
    static final int TERM = 15;
    /** End without any chance to clean up. */
    static final int KILL = 9;

    private static final MethodHandle KILL_FUNCTION = Linker.nativeLinker()
            .downcallHandle(
                    Linker.nativeLinker().defaultLookup().findOrThrow("kill"),
                    FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));

    private Signals() {}

    /** Sends the signal; a process that has gone meanwhile is no error. */
    static void send(long pid, int signal) {
        try {
            var _ = (int) KILL_FUNCTION.invokeExact((int) pid, signal);
        } catch (Throwable e) {
            throw new IllegalStateException("kill(2) cannot be called", e);
        }
    }
}
