package dev.espalier.testing;

import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;

/** Waits for what other threads and processes do. */
public final class TestWait {

    private static final long DEADLINE_NANOS = 60_000_000_000L;
    private static final long POLL_NANOS = 5_000_000L;

    private TestWait() {}

    /** As {@link #until(String, Callable)}, where the stack says what is waited for. */
    public static void until(Callable<Boolean> condition) {
        until("the condition", condition);
    }

    /**
     * Until the condition holds; an exception or a failed assertion counts as not yet, and is the failure's cause when time
     * runs out.
     */
    public static void until(String what, Callable<Boolean> condition) {
        long end = System.nanoTime() + DEADLINE_NANOS;
        while (true) {
            Throwable last = null;
            try {
                if (condition.call()) {
                    return;
                }
            } catch (Exception | AssertionError e) {
                last = e;
            }
            if (System.nanoTime() > end) {
                throw new AssertionError("not in time: " + what, last);
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
    }
}
