package dev.espalier.postgres;

import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** Waits for what nobody tells of, by asking a server again and again. */
public final class Polling {

    /** What is waited for. */
    @FunctionalInterface
    public interface Check {
        /** Whether it is so by now. */
        boolean holds() throws SQLException;
    }

    private Polling() {}

    /**
     * Waits until the check holds. It is asked once at least.
     *
     * @param within how long at most
     * @param every how long between two questions
     * @return whether it holds; false when the time is over
     * @throws PostgresException if the thread is interrupted: whoever wanted it waits no more
     */
    public static boolean until(Duration within, Duration every, Check check) throws SQLException {
        long deadline = System.nanoTime() + within.toNanos();
        while (!check.holds()) {
            if (Thread.currentThread().isInterrupted()) {
                throw new PostgresException("a wait for a server was broken off. Try again.");
            }
            if (System.nanoTime() > deadline) {
                return false;
            }
            LockSupport.parkNanos(every.toNanos());
        }
        return true;
    }
}
