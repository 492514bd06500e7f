package dev.espalier.journal.metering;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.journal.JournalException;
import dev.espalier.journal.OpenUsage;
import dev.espalier.journal.Resource;
import dev.espalier.journal.Sku;
import dev.espalier.journal.UsageEvent;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is seen is what is recorded, cut at the intervals, and nothing else. */
class UsageMeterTest {

    private static final Instant NOON = Instant.parse("2026-11-28T12:00:00Z");
    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final Resource PROJECT = new Resource("prj-1", "shop");
    private static final Resource BRANCH = new Resource("br-1", "dev");
    private static final Subject ENDPOINT = endpoint("ep-1");
    private static final Subject ON_BRANCH =
            new Subject(PROJECT, BRANCH, Resource.NONE, "ann", "ci", Map.of("team", "web"));

    private final List<UsageEvent> records = new ArrayList<>();
    private final OpenUsage open;
    private final UsageMeter meter;

    private boolean full;
    private String refused = "none";

    UsageMeterTest(@TempDir Path directory) {
        open = new OpenUsage(directory.resolve("open-usage"));
        meter = new UsageMeter(this::keep, MINUTE, open);
    }

    private void keep(UsageEvent record) {
        if (full || record.attribution().endpoint().id().equals(refused)) {
            throw new JournalException("the journal is full");
        }
        records.add(record);
    }

    private static Subject endpoint(String uid) {
        return new Subject(PROJECT, BRANCH, new Resource(uid, "primary"), "ann", "ci", Map.of("team", "web"));
    }

    private static Instant at(double seconds) {
        return NOON.plus(Math.round(seconds * 1e6), ChronoUnit.MICROS);
    }

    private void runs(double cu, long cpuNanos, double seconds) {
        meter.runs(ENDPOINT, BigDecimal.valueOf(cu), new CpuReading(1, cpuNanos), at(seconds));
    }

    private List<String> recorded(Sku sku) {
        return records.stream()
                .filter(record -> record.sku() == sku)
                .map(record -> record.time() + " " + record.end() + " "
                        + record.quantity().stripTrailingZeros().toPlainString())
                .toList();
    }

    @Test
    void anIntervalEndsWithTheMinuteAndWithTheEndpoint() {
        runs(0.5, 0, 10);
        runs(0.5, 1_500_000_000, 58);
        runs(0.5, 2_000_000_001, 62);
        runs(0.5, 3_000_000_001L, 75);
        meter.stops("ep-1");

        assertThat(recorded(Sku.COMPUTE))
                .containsExactly(
                        "2026-11-28T12:00:10Z 2026-11-28T12:01:00Z 25",
                        "2026-11-28T12:01:00Z 2026-11-28T12:01:15Z 7.5");
        assertThat(recorded(Sku.CPU))
                .containsExactly(
                        "2026-11-28T12:00:10Z 2026-11-28T12:01:00Z 2.000000001",
                        "2026-11-28T12:01:00Z 2026-11-28T12:01:15Z 1");
        assertThat(records.getFirst().attribution().endpoint().name()).isEqualTo("primary");
        assertThat(records.getFirst().createdBy()).isEqualTo("ci");
        assertThat(records.getFirst().customTags()).containsEntry("team", "web");
    }

    @Test
    void aServerThatWentDownByItselfCountsUntilItWasSeenLast() {
        runs(1, 0, 0);
        runs(1, 5, 20);
        meter.running().forEach(meter::stops);

        assertThat(recorded(Sku.COMPUTE)).containsExactly("2026-11-28T12:00:00Z 2026-11-28T12:00:20Z 20");
    }

    @Test
    void aServerThatStartsAnewBeginsToCountItsCpuAnew() {
        runs(1, 9_000_000_000L, 0);
        meter.runs(ENDPOINT, BigDecimal.ONE, new CpuReading(2, 1_000_000_000), at(10));
        meter.stops("ep-1");

        assertThat(recorded(Sku.CPU)).containsExactly("2026-11-28T12:00:00Z 2026-11-28T12:00:10Z 10");
    }

    @Test
    void aLookThatComesAfterTheStopCountsNothingAgain() {
        runs(1, 5_000_000_000L, 0);
        runs(1, 5_000_000_000L, 10);
        meter.stops("ep-1");
        runs(1, 5_000_000_000L, 10.5);
        meter.stops("ep-1");

        assertThat(recorded(Sku.COMPUTE)).containsExactly("2026-11-28T12:00:00Z 2026-11-28T12:00:10Z 10");
        assertThat(recorded(Sku.CPU)).containsExactly("2026-11-28T12:00:00Z 2026-11-28T12:00:10Z 5");
    }

    @Test
    void timeThatNobodySawIsNotBilledAndItsCpuIs() {
        runs(1, 0, 0);
        runs(1, 1_000_000_000, 30);
        runs(1, 3_000_000_000L, 3_600);
        runs(1, 3_000_000_000L, 3_610);
        meter.stops("ep-1");

        assertThat(recorded(Sku.COMPUTE))
                .containsExactly(
                        "2026-11-28T12:00:00Z 2026-11-28T12:00:30Z 30", "2026-11-28T13:00:00Z 2026-11-28T13:00:10Z 10");
        assertThat(recorded(Sku.CPU))
                .containsExactly(
                        "2026-11-28T12:00:00Z 2026-11-28T12:00:30Z 1", "2026-11-28T13:00:00Z 2026-11-28T13:00:10Z 2");
    }

    @Test
    void aClockThatIsPutBackBillsNothingTwice() {
        runs(1, 0, 0);
        runs(1, 0, 50);
        runs(1, 0, 20);
        runs(1, 0, 40);
        runs(1, 0, 55);
        meter.stops("ep-1");

        assertThat(recorded(Sku.COMPUTE)).containsExactly("2026-11-28T12:00:00Z 2026-11-28T12:00:55Z 55");
    }

    @Test
    void aClockThatIsPutBackBeforeTheNextStartBillsNothingTwice() {
        runs(1, 0, 0);
        runs(1, 0, 50);
        meter.stops("ep-1");
        runs(1, 0, 20);
        runs(1, 0, 45);
        runs(1, 0, 58);
        meter.stops("ep-1");

        assertThat(recorded(Sku.COMPUTE))
                .containsExactly(
                        "2026-11-28T12:00:00Z 2026-11-28T12:00:50Z 50", "2026-11-28T12:00:50Z 2026-11-28T12:00:58Z 8");
    }

    @Test
    void aClockThatGoesFarAheadAndComesBackIsFollowedBothWays() {
        runs(1, 0, 0);
        runs(1, 1_000_000_000, 10);
        runs(1, 2_000_000_000, 3_600);
        runs(1, 2_000_000_000, 3_610);
        runs(1, 3_000_000_000L, 30);
        runs(1, 3_000_000_000L, 40);
        meter.stops("ep-1");

        assertThat(recorded(Sku.COMPUTE))
                .containsExactly(
                        "2026-11-28T12:00:00Z 2026-11-28T12:00:10Z 10",
                        "2026-11-28T13:00:00Z 2026-11-28T13:00:10Z 10",
                        "2026-11-28T12:00:30Z 2026-11-28T12:00:40Z 10");
        assertThat(sum(Sku.CPU)).isEqualByComparingTo("3");
    }

    @Test
    void aStartAfterTheClockCameBackFromFarAheadIsBilledFromThenOn() {
        runs(1, 0, 3_600);
        runs(1, 0, 3_610);
        meter.stops("ep-1");
        runs(1, 0, 0);
        runs(1, 0, 10);
        meter.stops("ep-1");

        assertThat(recorded(Sku.COMPUTE))
                .containsExactly(
                        "2026-11-28T13:00:00Z 2026-11-28T13:00:10Z 10", "2026-11-28T12:00:00Z 2026-11-28T12:00:10Z 10");
    }

    @Test
    void whatCouldNotBeKeptBeforeTheClockCameBackIsNotLost() {
        full = true;
        runs(1, 0, 3_600);
        runs(1, 0, 3_610);
        runs(1, 0, 0);
        full = false;
        runs(1, 0, 10);
        meter.stops("ep-1");

        assertThat(recorded(Sku.COMPUTE)).containsExactly("2026-11-28T12:00:00Z 2026-11-28T12:00:10Z 20");
    }

    @Test
    void theSameTimesAfterARestartAreOtherRecords() {
        for (int start = 0; start < 2; start++) {
            UsageMeter process = new UsageMeter(records::add, MINUTE, open);
            process.runs(ENDPOINT, BigDecimal.ONE, new CpuReading(1, 0), at(0));
            process.runs(ENDPOINT, BigDecimal.ONE, new CpuReading(1, 0), at(10));
            process.stops("ep-1");
        }
        assertThat(records)
                .extracting(UsageEvent::recordId)
                .doesNotHaveDuplicates()
                .hasSize(2);
    }

    @Test
    void aRecordThatIsTriedAgainIsTheSame() {
        List<UUID> tried = new ArrayList<>();
        UsageMeter failing = new UsageMeter(
                record -> {
                    tried.add(record.recordId());
                    throw new JournalException("full");
                },
                MINUTE,
                open);
        failing.holds(ON_BRANCH, 1, 0, at(0));
        failing.holds(ON_BRANCH, 1, 0, at(60));
        failing.holds(ON_BRANCH, 1, 0, at(120));
        assertThat(tried).hasSize(2).containsOnly(tried.getFirst());
    }

    @Test
    void whatAKillLeavesOfTheOpenIntervalIsRecordedByTheNextProcess() {
        runs(1, 0, 30);
        runs(1, 2_000_000_000, 65);
        runs(1, 3_000_000_000L, 70);
        meter.holds(ON_BRANCH, 1_000, 0, at(65));
        meter.holds(ON_BRANCH, 1_000, 0, at(70));
        assertThat(meter.save()).isTrue();
        runs(1, 3_000_000_000L, 72);

        UsageMeter next = new UsageMeter(this::keep, MINUTE, open);
        next.onlyHolding(Set.of());

        assertThat(recorded(Sku.COMPUTE))
                .containsExactly(
                        "2026-11-28T12:00:30Z 2026-11-28T12:01:00Z 30", "2026-11-28T12:01:00Z 2026-11-28T12:01:10Z 10");
        assertThat(recorded(Sku.CPU))
                .containsExactly(
                        "2026-11-28T12:00:30Z 2026-11-28T12:01:00Z 2", "2026-11-28T12:01:00Z 2026-11-28T12:01:10Z 1");
        assertThat(recorded(Sku.DATA)).containsExactly("2026-11-28T12:01:05Z 2026-11-28T12:01:10Z 5000");
        assertThat(next.save()).isTrue();
        assertThat(open.read()).isEmpty();
    }

    /** The tables take a record of one id once. */
    @Test
    void whatCameIntoTheJournalBetweenTheLastSaveAndAKillIsTheSameRecord() {
        runs(1, 0, 30);
        runs(1, 0, 50);
        meter.save();
        runs(1, 0, 60);
        UsageMeter next = new UsageMeter(this::keep, MINUTE, open);
        next.onlyHolding(Set.of());

        assertThat(recorded(Sku.COMPUTE))
                .containsExactly(
                        "2026-11-28T12:00:30Z 2026-11-28T12:01:00Z 30", "2026-11-28T12:00:30Z 2026-11-28T12:00:50Z 20");
        assertThat(records)
                .extracting(UsageEvent::recordId)
                .containsOnly(records.getFirst().recordId());
    }

    @Test
    void whatTheJournalHasNoRoomForAtTheEndIsRecordedByTheNextProcessThatHas() {
        full = true;
        runs(1, 0, 0);
        runs(1, 0, 30);
        meter.stops("ep-1");
        meter.save();
        UsageMeter next = new UsageMeter(this::keep, MINUTE, open);
        next.onlyHolding(Set.of());
        assertThat(next.unwritten()).isEqualTo(1);
        next.save();
        full = false;
        new UsageMeter(this::keep, MINUTE, open).onlyHolding(Set.of());

        assertThat(recorded(Sku.COMPUTE)).containsExactly("2026-11-28T12:00:00Z 2026-11-28T12:00:30Z 30");
    }

    @Test
    void aFileThatAPowerCutHasLeftUnfinishedCountsAsEmpty(@TempDir Path directory) throws IOException {
        Path file = directory.resolve("cut");
        OpenUsage cut = new OpenUsage(file);
        meter.holds(ON_BRANCH, 1, 0, at(0));
        meter.holds(ON_BRANCH, 1, 0, at(60));
        cut.write(records);
        assertThat(cut.read()).isEqualTo(records);
        byte[] whole = Files.readAllBytes(file);
        for (int length = 0; length < whole.length; length++) {
            Files.write(file, Arrays.copyOf(whole, length));
            assertThat(cut.read()).isEmpty();
        }
    }

    @Test
    void bytesCountForAsLongAsTheyAreHeld() {
        meter.holds(ON_BRANCH, 1_000_000, 10, at(0));
        meter.holds(ON_BRANCH, 1_000_000, 10, at(30));
        meter.holds(ON_BRANCH, 4_000_000, 0, at(60));
        meter.onlyHolding(Set.of());

        assertThat(recorded(Sku.DATA)).containsExactly("2026-11-28T12:00:00Z 2026-11-28T12:01:00Z 150000000");
        assertThat(recorded(Sku.HISTORY)).containsExactly("2026-11-28T12:00:00Z 2026-11-28T12:01:00Z 300");
    }

    @Test
    void aRecordThatCannotBeKeptIsKeptLater() {
        full = true;
        runs(1, 0, 0);
        runs(1, 7, 30);
        meter.stops("ep-1");
        assertThat(meter.obstacle()).hasValueSatisfying(why -> assertThat(why).contains("the journal is full"));
        assertThat(meter.unwritten()).isEqualTo(1);
        full = false;
        meter.stops("ep-1");
        meter.onlyHolding(Set.of());

        assertThat(records).extracting(UsageEvent::sku).containsExactly(Sku.COMPUTE, Sku.CPU);
        assertThat(meter.obstacle()).isEmpty();
        assertThat(meter.unwritten()).isZero();
    }

    @Test
    void whatWasUsedWhileNothingCouldBeKeptIsBilledToEverybody() {
        full = true;
        for (int second = 0; second <= 300; second += 15) {
            if (second == 285) {
                full = false;
            }
            for (String uid : List.of("ep-1", "ep-2", "ep-3")) {
                meter.runs(endpoint(uid), BigDecimal.ONE, new CpuReading(1, second), at(second));
            }
            meter.holds(ON_BRANCH, 1_000, 0, at(second));
        }

        assertThat(recorded(Sku.COMPUTE)).hasSize(3).allMatch("2026-11-28T12:00:00Z 2026-11-28T12:05:00Z 300"::equals);
        assertThat(recorded(Sku.DATA)).containsExactly("2026-11-28T12:00:00Z 2026-11-28T12:05:00Z 300000");
    }

    @Test
    void oneRecordThatIsRefusedForGoodKeepsNoOtherBack() {
        refused = "ep-1";
        for (int second = 0; second <= 60; second += 15) {
            meter.runs(endpoint("ep-1"), BigDecimal.ONE, new CpuReading(1, 0), at(second));
            meter.runs(endpoint("ep-2"), BigDecimal.ONE, new CpuReading(1, 0), at(second));
        }
        assertThat(recorded(Sku.COMPUTE)).containsExactly("2026-11-28T12:00:00Z 2026-11-28T12:01:00Z 60");
    }

    @Test
    void theSumOverADayIsTheSumOfItsParts() {
        long seed = Long.getLong("espalier.seed", System.nanoTime());
        System.out.println("usage: -Despalier.seed=" + seed);
        Random random = new Random(seed);
        Duration[] intervals = {Duration.ofSeconds(1), Duration.ofMinutes(1), Duration.ofMinutes(5)};
        UsageMeter meter = new UsageMeter(records::add, intervals[random.nextInt(intervals.length)], open);
        BigDecimal compute = BigDecimal.ZERO;
        BigDecimal cpu = BigDecimal.ZERO;
        for (int e = 0; e < 3; e++) {
            String uid = "ep-" + e;
            Instant now = NOON;
            Instant end = NOON.plus(Duration.ofHours(2));
            boolean running = false;
            long used = 0;
            long server = 1;
            BigDecimal units = BigDecimal.valueOf(1 + random.nextInt(8)).divide(BigDecimal.valueOf(4));
            while (now.isBefore(end)) {
                long step = 1 + random.nextLong(20_000_000);
                long more = random.nextLong(step * 2_000);
                if (running) {
                    compute = compute.add(units.multiply(BigDecimal.valueOf(step, 6)));
                    cpu = cpu.add(BigDecimal.valueOf(more, 9));
                    used += more;
                }
                now = now.plus(step, ChronoUnit.MICROS);
                if (running || random.nextInt(3) == 0) {
                    meter.runs(endpoint(uid), units, new CpuReading(server, used), now);
                    running = random.nextInt(20) > 0;
                    if (!running) {
                        meter.stops(uid);
                        server++;
                        used = 0;
                    }
                }
            }
            meter.stops(uid);
        }

        assertThat(sum(Sku.COMPUTE)).isEqualByComparingTo(compute);
        assertThat(sum(Sku.CPU)).isEqualByComparingTo(cpu);
        Set<UUID> ids = new HashSet<>();
        assertThat(records).allSatisfy(record -> {
            assertThat(ids.add(record.recordId())).isTrue();
            assertThat(record.time()).isBefore(record.end());
            assertThat(record.time().plus(meter.interval())).isAfterOrEqualTo(record.end());
        });
    }

    private BigDecimal sum(Sku sku) {
        return records.stream()
                .filter(record -> record.sku() == sku)
                .map(UsageEvent::quantity)
                .reduce(BigDecimal.ZERO, BigDecimal::add);
    }
}
