package dev.espalier.journal;

import java.time.Duration;

/** Pauses between tries, each twice as long as the one before. */
final class Backoff {

    private static final Duration SHORTEST = Duration.ofMillis(100);
    private static final Duration LONGEST = Duration.ofSeconds(10);

    private Duration next = SHORTEST;

    Duration next() {
        Duration pause = next;
        next = next.compareTo(LONGEST.dividedBy(2)) > 0 ? LONGEST : next.multipliedBy(2);
        return pause;
    }

    /** After a success; returns whether it was the first after a failure. */
    boolean reset() {
        boolean failed = !next.equals(SHORTEST);
        next = SHORTEST;
        return failed;
    }
}
