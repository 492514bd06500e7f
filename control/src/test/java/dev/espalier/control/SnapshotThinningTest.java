package dev.espalier.control;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.engine.Snapshot;
import dev.espalier.postgres.Lsn;
import dev.espalier.storage.VolumeName;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Random histories over weeks, thinned as time passes, with the rules that must hold at every moment of them. */
class SnapshotThinningTest {

    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private static final Duration HOUR = Duration.ofHours(1);
    private static final Duration DAY = Duration.ofDays(1);

    /** A snapshot that has gone has one before it that is at most an hour older, when that was thinned the last time. */
    private static final Duration FARTHEST = Duration.ofMinutes(70);

    private static Snapshot at(Instant time) {
        return at(time, new Lsn(START.until(time, ChronoUnit.SECONDS)));
    }

    private static Snapshot at(Instant time, Lsn lsn) {
        VolumeName name = new VolumeName("snapshot-" + START.until(time, ChronoUnit.SECONDS));
        return new Snapshot(name, new VolumeName("original"), time, lsn, lsn);
    }

    /** A moment within the window is one that can be reached in a while. */
    @Test
    void noMoreLogThanIsReplayedInAWhileLiesBetweenTwoHoweverOldTheyAre() {
        long gibibyte = 1L << 30;
        List<Snapshot> kept = new ArrayList<>();
        for (int minute = 0; minute < 60; minute++) {
            kept.add(at(START.plus(Duration.ofMinutes(minute)), new Lsn(minute * gibibyte / 10)));
        }
        kept.removeAll(SnapshotThinning.unneeded(kept, HOUR, DAY.multipliedBy(7), START.plus(DAY.multipliedBy(3))));
        assertThat(kept).hasSizeBetween(6, 8);
        for (int i = 1; i < kept.size(); i++) {
            assertThat(kept.get(i).lsn().minus(kept.get(i - 1).lsn())).isLessThanOrEqualTo(gibibyte);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 10, 60, 300})
    void theWholeWindowStaysInReachAsTimePasses(int mostMinutesBetween) {
        long seed = Long.getLong("espalier.seed", System.nanoTime());
        Random random = new Random(seed);
        Duration retention = Duration.ofHours(48 + random.nextInt(10 * 24));
        List<Instant> taken = new ArrayList<>();
        List<Snapshot> kept = new ArrayList<>();
        Instant now = START;
        while (now.isBefore(START.plus(retention.multipliedBy(2)))) {
            now = now.plusSeconds(1 + random.nextInt(60 * mostMinutesBetween));
            taken.add(now);
            kept.add(at(now));
            if (random.nextInt(20) == 0) {
                now = now.plusSeconds(random.nextInt(60));
                check(taken, kept, SnapshotThinning.unneeded(kept, HOUR, retention, now), retention, now, seed);
            }
        }
    }

    private static void check(
            List<Instant> taken,
            List<Snapshot> kept,
            List<Snapshot> unneeded,
            Duration retention,
            Instant now,
            long seed) {
        String situation = "-Despalier.seed=" + seed + " at " + now;
        List<Snapshot> before = List.copyOf(kept);
        kept.removeAll(unneeded);
        assertThat(kept).as(situation).isNotEmpty().contains(before.getLast());
        Instant windowStart = now.minus(retention);
        // All of the last hour.
        assertThat(unneeded).as(situation).noneMatch(s -> s.time().isAfter(now.minus(HOUR)));
        // The beginning of the window.
        if (!before.getFirst().time().isAfter(windowStart)) {
            assertThat(kept.getFirst().time()).as(situation).isBeforeOrEqualTo(windowStart);
        }
        // Nothing older than is needed for that.
        assertThat(kept.stream().filter(s -> !s.time().isAfter(windowStart)).count())
                .as(situation)
                .isLessThanOrEqualTo(1);
        // Every moment of it, with little more to replay than there was.
        int next = 0;
        for (Instant time : taken) {
            if (time.isAfter(windowStart)) {
                while (next + 1 < kept.size() && !kept.get(next + 1).time().isAfter(time)) {
                    next++;
                }
                assertThat(Duration.between(kept.get(next).time(), time))
                        .as(situation)
                        .isLessThanOrEqualTo(FARTHEST);
            }
        }
        // And no more than that takes: one an hour, six in the hours of the last day, all of the last hour.
        long lastHour =
                before.stream().filter(s -> s.time().isAfter(now.minus(HOUR))).count();
        assertThat((long) kept.size()).as(situation).isLessThanOrEqualTo(lastHour + 24 * 6 + retention.toHours() + 2);
        assertThat(SnapshotThinning.unneeded(kept, HOUR, retention, now))
                .as(situation)
                .isEmpty();
    }

    @Test
    void theLastHourIsThinnedTooWhereEachTakesAsMuchAsItsBranch() {
        Instant now = START.plus(HOUR);
        List<Snapshot> snapshots = new ArrayList<>();
        for (Instant time = START; !time.isAfter(now); time = time.plusSeconds(6)) {
            snapshots.add(at(time));
        }
        List<Snapshot> kept = new ArrayList<>(snapshots);
        kept.removeAll(SnapshotThinning.unneeded(snapshots, Duration.ZERO, DAY, now));
        assertThat(kept).hasSizeLessThanOrEqualTo(8).contains(snapshots.getFirst(), snapshots.getLast());
    }

    @Test
    void whatAClockThatWasAheadHasDatedTakesNoneOfThoseThatFollow() {
        Instant now = START.plus(DAY);
        List<Snapshot> snapshots = List.of(
                at(START, new Lsn(1)),
                at(now.plus(DAY), new Lsn(2)),
                at(now.minus(Duration.ofMinutes(2)), new Lsn(3)),
                at(now, new Lsn(4)));
        assertThat(SnapshotThinning.unneeded(snapshots, HOUR, DAY.multipliedBy(7), now))
                .isEmpty();
    }

    @Test
    void theOnlySnapshotStaysHoweverOldItIs() {
        List<Snapshot> one = List.of(at(START));
        assertThat(SnapshotThinning.unneeded(one, HOUR, DAY, START.plus(Duration.ofDays(400))))
                .isEmpty();
    }

    @Test
    void anIdleBranchKeepsTheNewestBeforeTheWindow() {
        List<Snapshot> two = List.of(at(START), at(START.plus(HOUR)));
        assertThat(SnapshotThinning.unneeded(two, HOUR, DAY, START.plus(Duration.ofDays(3))))
                .containsExactly(two.getFirst());
        assertThat(SnapshotThinning.unneeded(two, HOUR, DAY, START.plus(DAY))).isEmpty();
    }
}
