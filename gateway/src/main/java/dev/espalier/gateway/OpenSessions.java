package dev.espalier.gateway;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** The sessions that have begun, each until all that ran in it is recorded. Thread-safe. */
final class OpenSessions {

    private final Set<Session> open = new HashSet<>();

    synchronized void begins(Session session) {
        open.add(session);
    }

    synchronized void ended(Session session) {
        open.remove(session);
        notifyAll();
    }

    /** @return those that are left when all others have ended, or so much time has passed */
    synchronized List<Session> awaitEnds(Duration atMost) {
        long deadline = System.nanoTime() + atMost.toNanos();
        try {
            for (long left = atMost.toNanos(); left > 0 && !open.isEmpty(); left = deadline - System.nanoTime()) {
                TimeUnit.NANOSECONDS.timedWait(this, left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return List.copyOf(open);
    }
}
