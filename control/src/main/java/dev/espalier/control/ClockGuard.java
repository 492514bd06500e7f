package dev.espalier.control;

import static dev.espalier.control.Columns.timestamp;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether the clock is believed as far as to remove for good what is old by it. One that jumps ahead makes everything old at once;
 * so after a jump nothing is removed before the new time has held for a while, in which somebody can set it right.
 */
final class ClockGuard {

    private static final Logger LOG = LoggerFactory.getLogger(ClockGuard.class);

    /** By how much the clock may run ahead of the time that has passed, as when it is corrected. */
    private static final Duration JUMP = Duration.ofMinutes(5);

    private static final Duration GAP = Duration.ofDays(1);

    private static final Duration MUST_HOLD = Duration.ofHours(1);
    private static final Duration BETWEEN_NOTES = Duration.ofMinutes(1);

    /**
     * @param wall what the clock showed
     * @param passed what had passed since some moment then, whatever the clock showed
     */
    private record Reading(Instant wall, Duration passed) {

        /** Whether the clock has run ahead since the other. */
        boolean hasJumpedSince(Reading other) {
            return Duration.between(other.wall, wall)
                            .minus(passed.minus(other.passed))
                            .compareTo(JUMP)
                    > 0;
        }
    }

    /**
     * What the next process is told.
     *
     * @param time the newest that was believed
     * @param isDoubted whether the clock has jumped ahead since
     */
    record Known(Instant time, boolean isDoubted) {

        static Optional<Known> read(Handle handle) {
            return handle.select(
                            "SELECT time_known, time_doubted FROM control.installation WHERE time_known IS NOT NULL")
                    .map((row, _) -> new Known(Columns.instant(row, "time_known"), row.getBoolean("time_doubted")))
                    .findFirst();
        }

        void write(Handle handle) {
            handle.execute(
                    "UPDATE control.installation SET time_known = ?, time_doubted = ?", timestamp(time), isDoubted);
        }

        /** How long Espalier may have been stopped without anybody asking what time it is. */
        private Duration gap() {
            return isDoubted ? Duration.ZERO : GAP;
        }
    }

    private final Clock clock;
    private final LongSupplier nanoTime;
    private final Consumer<Known> note;

    /** The newest one that was believed. */
    private Reading believed;

    private Reading last;
    private Optional<Reading> jumped = Optional.empty();
    private Instant noted;
    private boolean isFirst = true;

    /**
     * @param nanoTime as {@link System#nanoTime()}
     * @param known what an earlier process has noted
     * @param note keeps what the next process is told
     */
    ClockGuard(Clock clock, LongSupplier nanoTime, Optional<Known> known, Consumer<Known> note) {
        this.clock = clock;
        this.nanoTime = nanoTime;
        this.note = note;
        Reading now = read();
        this.noted = known.map(Known::time).orElse(now.wall());
        this.believed = known.map(before -> new Reading(before.time().plus(before.gap()), now.passed()))
                .filter(now::hasJumpedSince)
                .orElse(now);
        this.last = believed;
    }

    private Reading read() {
        return new Reading(clock.instant(), Duration.ofNanos(nanoTime.getAsLong()));
    }

    /** Whether what is old may be removed for good now. To be asked often, so that a jump is told from time that has passed. */
    synchronized boolean believes() {
        Reading now = read();
        if (now.hasJumpedSince(last)) {
            LOG.warn(
                    "the clock has jumped ahead to {}; it was {} before. Nothing is removed for good, and no history is thinned, before "
                            + "it has held for {} minutes. Set it right by then if it is wrong.",
                    now.wall(),
                    last.wall(),
                    MUST_HOLD.toMinutes());
            jumped = Optional.of(now);
            note.accept(new Known(noted, true));
        }
        last = now;
        if (jumped.isPresent() && !isSettled(now, jumped.get())) {
            return false;
        }
        boolean isToBeNoted = jumped.isPresent()
                || isFirst
                || Duration.between(noted, now.wall()).abs().compareTo(BETWEEN_NOTES) >= 0;
        jumped = Optional.empty();
        isFirst = false;
        believed = now;
        if (isToBeNoted) {
            noted = now.wall();
            note.accept(new Known(noted, false));
        }
        return true;
    }

    private boolean isSettled(Reading now, Reading jump) {
        if (!now.hasJumpedSince(believed)) {
            LOG.info("the clock is right again: {}", now.wall());
            return true;
        }
        boolean holds = now.passed().minus(jump.passed()).compareTo(MUST_HOLD) >= 0;
        if (holds) {
            LOG.info("the clock has held since it has jumped, and is believed: {}", now.wall());
        }
        return holds;
    }

    /** Until when nothing is removed for good because the clock has jumped; empty when it is believed. */
    synchronized Optional<Instant> restsUntil() {
        return jumped.map(
                jump -> clock.instant().plus(MUST_HOLD.minus(read().passed().minus(jump.passed()))));
    }
}
