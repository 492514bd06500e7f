package dev.espalier.postgres;

import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Threads for work that talks to PostgreSQL. Not virtual ones: the Unix sockets of {@link UnixSockets} let a virtual thread wait for an
 * answer on one of a few threads, as many as there are cores, so that a few that wait for a lock keep the answer from whoever holds it.
 */
public final class SessionThreads {

    private static final Logger LOG = LoggerFactory.getLogger(SessionThreads.class);

    private SessionThreads() {}

    /** One thread for each task that is at work; kept for a minute for the next one. They keep no process from its end. */
    public static ExecutorService perTask(String name) {
        return Executors.newCachedThreadPool(
                Thread.ofPlatform().daemon().name(name + "-", 1).factory());
    }

    /** At most so many threads. */
    public static ExecutorService atMost(int threads, String name) {
        return Executors.newFixedThreadPool(
                threads, Thread.ofPlatform().daemon().name(name + "-", 1).factory());
    }

    /** Waits for the tasks that are at work; those that take longer than this are left to themselves. */
    public static void end(ExecutorService threads, Duration longest) {
        threads.shutdown();
        try {
            if (!threads.awaitTermination(longest.toNanos(), TimeUnit.NANOSECONDS)) {
                LOG.warn("work that was begun is not done after {} s and is left to itself", longest.toSeconds());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
