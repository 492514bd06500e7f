package dev.espalier.governance;

import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;

/** Waits for conditions. */
final class TestWait {

    private static final long DEADLINE_NANOS = 30_000_000_000L;
    private static final long POLL_NANOS = 5_000_000L;

    private TestWait() {}

    /** Until the condition holds; an exception or a failed assertion counts as not yet, and is the failure's cause when time runs out. */
    static void until(Callable<Boolean> condition) {
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
                throw new AssertionError("the condition did not come to hold in time", last);
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
    }
}
