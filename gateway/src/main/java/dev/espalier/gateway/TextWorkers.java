package dev.espalier.gateway;

import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Takes texts apart that take too long for a loop: of each principal one at a time, and in turn, so that nobody's texts keep those of
 * the others waiting for longer than one of them takes. Thread-safe.
 */
final class TextWorkers implements AutoCloseable {

    private static final int THREADS = 2;

    private final ExecutorService threads =
            Executors.newFixedThreadPool(THREADS, new DefaultThreadFactory("gateway-long-texts", true));

    /** What waits behind the one task of each principal that the threads have. */
    private final Map<String, Queue<Runnable>> waiting = new HashMap<>();

    synchronized void execute(String principal, Runnable task) {
        Queue<Runnable> behind = waiting.get(principal);
        if (behind == null) {
            waiting.put(principal, new ArrayDeque<>());
            submit(principal, task);
        } else {
            behind.add(task);
        }
    }

    private void submit(String principal, Runnable task) {
        threads.execute(() -> {
            try {
                task.run();
            } finally {
                next(principal);
            }
        });
    }

    private synchronized void next(String principal) {
        Queue<Runnable> behind = waiting.get(principal);
        Runnable next = behind == null ? null : behind.poll();
        if (next == null || threads.isShutdown()) {
            waiting.remove(principal);
        } else {
            submit(principal, next);
        }
    }

    @Override
    public synchronized void close() {
        threads.shutdownNow();
    }
}
