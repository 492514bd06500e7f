package dev.espalier.journal;

import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;

/** Waits for conditions. */
final class TestWait {

    private static final long POLL_NANOS = 5_000_000L;

    private TestWait() {}

    /** Until the condition holds; an exception counts as not yet, and is the failure's cause when time runs out. */
    static void until(String what, Callable<Boolean> condition) {
        long end = System.nanoTime() + TestJournal.DEADLINE.toNanos();
        while (true) {
            Throwable last = null;
            try {
                if (condition.call()) {
                    return;
                }
            } catch (Exception e) {
                last = e;
            }
            if (System.nanoTime() > end) {
                throw new AssertionError("not in time: " + what, last);
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
    }
}
