package dev.espalier.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ClockGuardTest {

    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final Duration HOUR = Duration.ofHours(1);
    private static final Duration YEAR = Duration.ofDays(365);

    /** What the clock shows, and what has passed. */
    private Instant shown = Instant.parse("2026-01-01T00:00:00Z");

    private Duration passed = Duration.ZERO;
    private Optional<ClockGuard.Known> noted = Optional.empty();
    private ClockGuard guard = start();

    private ClockGuard start() {
        InstantSource source = () -> shown;
        Clock clock = source.withZone(ZoneOffset.UTC);
        return new ClockGuard(clock, () -> passed.toNanos(), noted, known -> noted = Optional.of(known));
    }

    private void pass(Duration time) {
        passed = passed.plus(time);
        shown = shown.plus(time);
    }

    private void jump(Duration time) {
        shown = shown.plus(time);
    }

    @Test
    void aClockThatGoesWithTheTimeIsBelievedAlsoWhenItIsCorrected() {
        for (int hour = 0; hour < 100; hour++) {
            pass(HOUR);
            jump(hour % 2 == 0 ? MINUTE : MINUTE.negated());
            assertThat(guard.believes()).isTrue();
        }
        assertThat(guard.restsUntil()).isEmpty();
        assertThat(noted).contains(new ClockGuard.Known(shown, false));
    }

    @Test
    void oneThatHasJumpedAheadIsBelievedOnlyWhenItHasHeldForAnHour() {
        assertThat(guard.believes()).isTrue();
        jump(YEAR);
        assertThat(guard.believes()).isFalse();
        assertThat(guard.restsUntil()).contains(shown.plus(HOUR));
        pass(HOUR.minus(MINUTE));
        assertThat(guard.believes()).isFalse();
        pass(MINUTE);
        assertThat(guard.believes()).isTrue();
        assertThat(guard.restsUntil()).isEmpty();
    }

    @Test
    void theHourBeginsAnewWithEachJump() {
        jump(YEAR);
        assertThat(guard.believes()).isFalse();
        pass(HOUR.minus(MINUTE));
        jump(YEAR);
        assertThat(guard.believes()).isFalse();
        pass(MINUTE);
        assertThat(guard.believes()).isFalse();
    }

    @Test
    void oneThatIsSetRightIsBelievedAtOnce() {
        jump(YEAR);
        assertThat(guard.believes()).isFalse();
        pass(MINUTE);
        jump(YEAR.negated());
        assertThat(guard.believes()).isTrue();
    }

    @Test
    void aJumpWhileNobodyRanAndOneThatIsStillDoubtedAreNoticedAtTheStart() {
        assertThat(guard.believes()).isTrue();
        jump(Duration.ofHours(20));
        guard = start();
        assertThat(guard.believes()).isTrue();

        jump(YEAR);
        assertThat(guard.believes()).isFalse();
        pass(MINUTE);
        guard = start();
        assertThat(guard.believes()).isFalse();
        pass(HOUR);
        assertThat(guard.believes()).isTrue();
    }

    /** Also one that is shorter than Espalier may have been stopped for. */
    @Test
    void aJumpThatIsDoubtedIsDoubtedByTheNextProcessToo() {
        assertThat(guard.believes()).isTrue();
        jump(Duration.ofHours(20));
        assertThat(guard.believes()).isFalse();
        guard = start();
        assertThat(guard.believes()).isFalse();
        pass(HOUR);
        assertThat(guard.believes()).isTrue();
        guard = start();
        assertThat(guard.believes()).isTrue();
    }
}
