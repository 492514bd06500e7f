package dev.espalier.journal;

import java.time.Duration;
import java.util.function.BooleanSupplier;

/** Waits for other threads. */
final class Threads {

    private Threads() {}

    /**
     * Waits until the condition holds, the time is over, or this thread is interrupted, which then stays interrupted. The
     * caller holds the monitor, and whoever changes the condition notifies it.
     */
    static void await(Object monitor, BooleanSupplier condition, Duration atMost) {
        long end = System.nanoTime() + atMost.toNanos();
        try {
            while (!condition.getAsBoolean()) {
                long left = end - System.nanoTime();
                if (left <= 0) {
                    return;
                }
                monitor.wait(left / 1_000_000, (int) (left % 1_000_000));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Waits until the thread has ended, whatever comes. */
    static void join(Thread thread) {
        boolean interrupted = false;
        while (true) {
            try {
                thread.join();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
