package dev.espalier.control;

import static dev.espalier.control.TestPlane.CALLER;
import static dev.espalier.control.TestPlane.PLAIN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.control.request.Moment;
import dev.espalier.control.setting.Expiration;
import dev.espalier.journal.OpenUsage;
import dev.espalier.journal.Sku;
import dev.espalier.journal.UsageEvent;
import dev.espalier.storage.Backend;
import dev.espalier.testing.TestWait;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What endpoints and branches use is metered. */
class UsageTest {

    private static final NewBranch FROM_NOW =
            new NewBranch(Optional.empty(), new Moment.Now(), false, new Expiration.Never());

    /** At the longest. */
    private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(5);

    @TempDir
    static Path directory;

    private static TestPlane test;

    @BeforeAll
    static void start() {
        test = TestPlane.start(directory, Backend.COPY);
        test.succeed(test.plane.projects().create(CALLER, "shop", PLAIN));
    }

    @AfterAll
    static void stop() {
        test.close();
        TestPlane.stopLeftovers(directory);
    }

    private static List<UsageEvent> records(String branch, Sku sku) {
        return test.usage.stream()
                .filter(record -> record.sku() == sku)
                .filter(record -> record.attribution().branch().name().equals(branch))
                .toList();
    }

    private static BigDecimal sum(List<UsageEvent> records) {
        return records.stream().map(UsageEvent::quantity).reduce(BigDecimal.ZERO, BigDecimal::add);
    }

    @Test
    void anEndpointCountsFromItsStartToItsSuspensionWithAllItsProcesses() throws Exception {
        test.succeed(test.plane.branches().create(CALLER, "shop", "busy", FROM_NOW, false));
        test.query("busy", "SELECT count(*) FROM generate_series(1, 2000000) AS n WHERE md5(n::text) > 'x'");
        test.succeed(test.plane.endpoints().suspend(CALLER, "shop", "busy", "primary"));
        test.plane.meter();

        List<UsageEvent> compute = records("busy", Sku.COMPUTE);
        long micros = compute.stream()
                .mapToLong(record -> ChronoUnit.MICROS.between(record.time(), record.end()))
                .sum();
        assertThat(sum(compute)).isPositive().isEqualByComparingTo(BigDecimal.valueOf(micros * 5, 7));
        assertThat(sum(records("busy", Sku.CPU)).doubleValue()).isGreaterThan(0.2);
        assertThat(compute).allSatisfy(record -> {
            assertThat(record.createdBy()).isEqualTo(CALLER.principal());
            assertThat(record.attribution().endpoint().name()).isEqualTo("primary");
            assertThat(record.attribution().project().name()).isEqualTo("shop");
        });
        test.plane.meter();
        assertThat(records("busy", Sku.COMPUTE)).hasSameSizeAs(compute);
    }

    @Test
    void aBranchCountsWhatItHoldsUntilItIsGone() {
        test.succeed(test.plane.branches().create(CALLER, "shop", "held", FROM_NOW, false));
        long bytes = test.plane.insight().storage("shop", "held").exclusiveBytes();
        // Measured, seen, and seen again.
        test.plane.meter();
        test.plane.meter();
        test.plane.meter();
        test.succeed(test.plane.branches().delete(CALLER, "shop", "held", true));
        test.plane.meter();

        List<UsageEvent> data = records("held", Sku.DATA);
        assertThat(data).isNotEmpty();
        assertThat(data.getFirst().attribution().endpoint().name()).isEmpty();
        BigDecimal seconds = data.stream()
                .map(record -> BigDecimal.valueOf(ChronoUnit.MICROS.between(record.time(), record.end()), 6))
                .reduce(BigDecimal.ZERO, BigDecimal::add);
        assertThat(sum(data).doubleValue() / seconds.doubleValue()).isBetween(bytes * 0.3, bytes * 3.0);
    }

    /** Whichever it is: of several that are looked at, the one that fails is also the first. */
    @Test
    void anEndpointWhoseLookFailsKeepsNoOtherFromBeingMetered() {
        test.succeed(test.plane.projects().create(CALLER, "other", PLAIN));
        for (String failing : List.copyOf(test.engine.running())) {
            String project = test.rows("SELECT b.project_uid FROM control.endpoint e "
                            + "JOIN control.branch b ON b.uid = e.branch_uid WHERE e.uid = '" + failing + "'")
                    .getFirst();
            test.plane.meter();
            String tags = test.rows("SELECT custom_tags FROM control.project WHERE uid = '" + project + "'")
                    .getFirst();
            test.change("UPDATE control.project SET custom_tags = 'damaged' WHERE uid = '" + project + "'");
            Map<String, Instant> before = seen(Sku.COMPUTE);
            try {
                assertThatThrownBy(() -> test.plane.meter())
                        .hasMessageContaining("endpoints could not be looked at, the first because: ");
            } finally {
                test.change("UPDATE control.project SET custom_tags = '" + tags + "' WHERE uid = '" + project + "'");
            }
            Map<String, Instant> after = seen(Sku.COMPUTE);
            List<String> others = test.rows("SELECT e.uid FROM control.endpoint e "
                    + "JOIN control.branch b ON b.uid = e.branch_uid WHERE b.project_uid <> '" + project + "'");
            others.retainAll(test.engine.running());
            assertThat(others)
                    .isNotEmpty()
                    .allSatisfy(other -> assertThat(after.get(other)).isAfter(before.get(other)));
        }
    }

    /** Until when each endpoint that runs, or each branch, is metered. */
    private static Map<String, Instant> seen(Sku sku) {
        return new OpenUsage(directory.resolve("open-usage"))
                .read().stream()
                        .filter(record -> record.sku() == sku)
                        .collect(Collectors.toMap(
                                record -> sku == Sku.COMPUTE
                                        ? record.attribution().endpoint().id()
                                        : record.attribution().branch().id(),
                                UsageEvent::end));
    }

    /** Looks that come after this began no more before it than one that was under way. */
    private static void awaitTwoLooks(Sku sku) {
        Instant later = Instant.now().plus(BETWEEN_LOOKS).plusMillis(1);
        TestWait.until(
                "it is looked at " + sku + " again and again",
                () -> !seen(sku).isEmpty() && seen(sku).values().stream().allMatch(end -> end.isAfter(later)));
    }

    @Test
    void aStopThatWaitsForAnOperationBillsWhatRunsMeanwhile() throws Exception {
        test.close();
        CountDownLatch held = new CountDownLatch(1);
        CountDownLatch released = new CountDownLatch(1);
        test = new TestPlane(
                directory,
                Backend.COPY,
                step -> {
                    if (step.equals("fork.captured")) {
                        held.countDown();
                        await(released);
                    }
                },
                Clock.systemUTC());
        test.query("production", "SELECT 1");
        test.plane.branches().create(CALLER, "shop", "slow", FROM_NOW, false);
        held.await();
        try (ExecutorService stopping = Executors.newSingleThreadExecutor()) {
            Future<?> stop = stopping.submit(test::close);
            try {
                awaitTwoLooks(Sku.COMPUTE);
                assertThat(stop).isNotDone();
            } finally {
                released.countDown();
            }
            stop.get();
        } finally {
            test = TestPlane.start(directory, Backend.COPY);
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void aBranchWhoseMeasuringTakesLongKeepsNothingFromBeingBilled() throws Exception {
        test.plane.meter();
        // Seen, so that there is something to be billed.
        test.plane.meter();
        try (Connection other = test.control();
                Statement statement = other.createStatement()) {
            other.setAutoCommit(false);
            statement.execute("LOCK TABLE control.branch_space IN SHARE MODE");
            test.succeed(test.plane.branches().create(CALLER, "shop", "unmeasured", FROM_NOW, false));
            TestWait.until(
                    "its measuring waits",
                    () -> !test.rows(
                                    "SELECT 1 FROM pg_locks WHERE relation = 'control.branch_space'::regclass AND NOT granted")
                            .isEmpty());
            awaitTwoLooks(Sku.DATA);
            other.rollback();
        }
    }

    @Test
    void whatABranchHeldIsKnownFromTheFirstLookOfAServerThatStartsAgain() {
        test.succeed(test.plane.branches().create(CALLER, "shop", "kept", FROM_NOW, false));
        test.plane.meter();
        List<String> figures = test.rows("SELECT s::text FROM control.branch_space s JOIN control.branch b "
                + "ON b.uid = s.branch_uid AND b.volume = s.volume WHERE b.branch_id = 'kept'");
        assertThat(figures).hasSize(1);

        test.close();
        test = TestPlane.start(directory, Backend.COPY);
        // Seen, and seen again.
        test.plane.meter();
        test.plane.meter();
        test.succeed(test.plane.branches().delete(CALLER, "shop", "kept", true));
        test.plane.meter();
        assertThat(records("kept", Sku.DATA)).isNotEmpty();
        assertThat(test.rows("SELECT branch_uid FROM control.branch_space EXCEPT SELECT uid FROM control.branch"))
                .isEmpty();
    }
}
