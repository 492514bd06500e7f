package dev.espalier.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.journal.metering.Corrections;
import dev.espalier.journal.metering.Price;
import dev.espalier.journal.metering.PriceList;
import dev.espalier.testing.TestWait;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Usage, prices and cost, as SQL answers. */
class BillingTablesTest {

    private static final Instant DAY = Instant.parse("2026-08-25T00:00:00Z");

    @TempDir
    static Path shared;

    private static TestPostgres postgres;

    @TempDir
    Path directory;

    @BeforeAll
    static void startPostgres() throws Exception {
        postgres = new TestPostgres(shared);
    }

    @AfterAll
    static void stopPostgres() {
        postgres.close();
    }

    @BeforeEach
    void makeTables() throws Exception {
        postgres.newMigratedDatabase();
    }

    private static UsageEvent usage(Sku sku, Instant start, Duration length, String quantity) {
        return new UsageEvent(
                UUID.randomUUID(),
                Events.AGENT,
                "ci",
                sku,
                UsageEvent.Type.ORIGINAL,
                Optional.empty(),
                start,
                start.plus(length),
                new BigDecimal(quantity),
                Map.of("team", "web"));
    }

    private static UsageEvent minute(Sku sku, int minute, String quantity) {
        return usage(sku, DAY.plus(Duration.ofMinutes(minute)), Duration.ofMinutes(1), quantity);
    }

    private void load(Event... events) {
        load(List.of(events));
    }

    private void load(List<? extends Event> events) {
        try (Journal journal = TestJournal.open(directory);
                Loader loader = Loader.start(journal, postgres.system(), Retention.DEFAULT, TestJournal.CLOCK)) {
            long last = 0;
            for (Event event : events) {
                last = journal.append(event);
            }
            loader.awaitLoaded(last, TestJournal.DEADLINE);
        }
    }

    private static PriceList pricesAt(Instant now) {
        return new PriceList(postgres.system(), Clock.fixed(now, ZoneOffset.UTC));
    }

    @Test
    void aRecordHasDatabricksColumnsAndOurs() throws Exception {
        load(minute(Sku.COMPUTE, 0, "30"), minute(Sku.HISTORY, 0, "60000000000"));

        assertThat(postgres.rows("""
                        SELECT concat_ws('|', sku_name, usage_type, usage_unit, usage_quantity, (usage_metadata).project_id,
                            (usage_metadata).branch_id, (usage_metadata).endpoint_id, (identity_metadata).owned_by,
                            (identity_metadata).created_by, custom_tags->>'team', record_type, billing_origin_product,
                            (product_features).lakebase.storage_type, usage_date, branch_name, base_unit, base_quantity)
                        FROM system.billing.usage ORDER BY sku_name"""))
                .containsExactly(
                        "ESPALIER_DATABASE_SERVERLESS_COMPUTE_CU|COMPUTE_TIME|CU_HOUR|0.008333333333333333|prj-1|br-1|ep-1"
                                + "|ann@example.com|ci|web|ORIGINAL|LAKEBASE|2026-08-25|feature-x|CU_SECOND|30",
                        "ESPALIER_DATABRICKS_STORAGE_HISTORY|STORAGE_SPACE|GB_MONTH|0.000023148148148148|prj-1|br-1|ep-1"
                                + "|ann@example.com|ci|web|ORIGINAL|LAKEBASE|BRANCH_HISTORY_STORAGE|2026-08-25|feature-x"
                                + "|BYTE_SECOND|60000000000");
    }

    @Test
    void aQueryWrittenForDatabricksGivesTheCost() throws Exception {
        load(minute(Sku.COMPUTE, 0, "3600"), minute(Sku.DATA, 0, "60000000000"));

        assertThat(postgres.query("""
                        SELECT round(sum(u.usage_quantity * ((p.pricing).effective_list)."default"), 6)
                        FROM system.billing.usage u
                        JOIN system.billing.list_prices p
                            ON u.sku_name = p.sku_name AND u.cloud = p.cloud
                            AND u.usage_start_time >= p.price_start_time
                            AND (p.price_end_time IS NULL OR u.usage_start_time < p.price_end_time)""")).isEqualTo("0.111001");
    }

    @Test
    void theSumOverADayIsTheSumOfItsParts() throws Exception {
        long seed = Long.getLong("espalier.seed", System.nanoTime());
        System.out.println("usage: -Despalier.seed=" + seed);
        Random random = new Random(seed);
        List<UsageEvent> events = new ArrayList<>();
        BigDecimal sum = BigDecimal.ZERO;
        for (int minute = 0; minute < 1_440; minute += 1 + random.nextInt(3)) {
            UsageEvent event = minute(
                    Sku.COMPUTE,
                    minute,
                    BigDecimal.valueOf(random.nextLong(100_000_000), 6).toPlainString());
            events.add(event);
            sum = sum.add(event.quantity());
        }
        load(events);

        String day = "FROM billing.cost WHERE usage_date = '2026-08-25' AND usage_type = 'COMPUTE_TIME'";
        assertThat(new BigDecimal(postgres.query("SELECT sum(base_quantity) " + day)))
                .isEqualByComparingTo(sum);
        assertThat(postgres.query("SELECT sum(cost) = " + sum.toPlainString() + " * 0.111 / 3600 " + day))
                .isEqualTo("t");
        assertThat(postgres.query("""
                        SELECT (SELECT sum(base_quantity) FROM billing.usage)
                             = (SELECT sum(part) FROM (SELECT sum(base_quantity) AS part FROM billing.usage
                                                       GROUP BY date_trunc('hour', usage_start_time)) AS hours)""")).isEqualTo("t");
    }

    @Test
    void aRecordThatIsWrittenAgainCountsOnce() throws Exception {
        UsageEvent event = minute(Sku.CPU, 0, "1.5");
        load(event, event, minute(Sku.CPU, 1, "2"));
        load(event);

        assertThat(postgres.query("SELECT count(*) || ' ' || sum(base_quantity) FROM billing.usage"))
                .isEqualTo("2 3.5");
    }

    @Test
    void aPriceThatChangesWithinADayHoldsFromThenOn() throws Exception {
        Instant noon = DAY.plus(Duration.ofHours(12));
        pricesAt(noon).set(Sku.COMPUTE, new BigDecimal("0.2"), Optional.of("EUR"), false);
        load(minute(Sku.COMPUTE, 719, "3600"), minute(Sku.COMPUTE, 720, "3600"));

        assertThat(postgres.rows("""
                        SELECT concat_ws('|', unit_price, currency_code, usage_quantity::int, round(cost, 6))
                        FROM billing.cost ORDER BY unit_price""")).containsExactly("0.111|USD|1|0.111000", "0.2|EUR|1|0.200000");
        assertThat(postgres.rows("""
                        SELECT concat_ws('|', price_start_time AT TIME ZONE 'UTC', price_end_time AT TIME ZONE 'UTC',
                            (pricing)."default")
                        FROM billing.list_prices WHERE sku_name LIKE '%_DATABASE_SERVERLESS_COMPUTE_%'
                        ORDER BY price_start_time"""))
                .containsExactly("2020-01-01 00:00:00|2026-08-25 12:00:00|0.111", "2026-08-25 12:00:00|0.2");
    }

    @Test
    void thePriceThatHoldsSetAgainChangesNothing() throws Exception {
        PriceList prices = pricesAt(DAY);
        prices.set(Sku.COMPUTE, new BigDecimal("0.1110"), Optional.empty(), false);
        prices.set(Sku.COMPUTE, new BigDecimal("0.2"), Optional.empty(), false);
        prices.set(Sku.COMPUTE, new BigDecimal("0.3"), Optional.empty(), false);

        assertThat(prices.list())
                .filteredOn(price -> price.sku() == Sku.COMPUTE)
                .extracting(price -> price.price() + " " + price.end().isPresent())
                .containsExactly("0.3 false", "0.2 true", "0.111 true");
        assertThatThrownBy(() -> prices.set(Sku.CPU, new BigDecimal("-1"), Optional.empty(), false))
                .hasMessageContaining("0 or more");
        assertThatThrownBy(() -> prices.set(Sku.CPU, BigDecimal.ONE, Optional.of("euro"), false))
                .hasMessageContaining("three capital letters");
    }

    @Test
    void aPriceThatWasSetWhileTheClockWasAheadGivesWayToTheNext() throws Exception {
        pricesAt(DAY).set(Sku.COMPUTE, new BigDecimal("0.2"), Optional.empty(), false);
        Instant wrong = DAY.plus(Duration.ofDays(3_650));
        pricesAt(wrong).set(Sku.COMPUTE, new BigDecimal("0.3"), Optional.empty(), false);
        pricesAt(wrong.plusSeconds(1)).set(Sku.COMPUTE, new BigDecimal("0.4"), Optional.empty(), false);

        Instant noon = DAY.plus(Duration.ofHours(12));
        assertThat(pricesAt(noon)
                        .set(Sku.COMPUTE, new BigDecimal("0.5"), Optional.empty(), false)
                        .start())
                .isEqualTo(noon);
        assertThat(pricesAt(noon).list())
                .filteredOn(price -> price.sku() == Sku.COMPUTE)
                .extracting(price ->
                        price.price() + " " + price.start() + " " + price.end().orElse(null))
                .containsExactly(
                        "0.5 2026-08-25T12:00:00Z null",
                        "0.2 2026-08-25T00:00:00Z 2026-08-25T12:00:00Z",
                        "0.111 2020-01-01T00:00:00Z 2026-08-25T00:00:00Z");
    }

    @Test
    void aPriceThatWasUsedStaysWhileTheClockIsBehind() throws Exception {
        pricesAt(DAY).set(Sku.COMPUTE, new BigDecimal("0.2"), Optional.empty(), false);
        load(minute(Sku.COMPUTE, 1, "3600"));

        assertThatThrownBy(() -> pricesAt(DAY.minus(Duration.ofDays(2)))
                        .set(Sku.COMPUTE, new BigDecimal("0.3"), Optional.empty(), false))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("If the clock is behind, put it right");
        assertThat(pricesAt(DAY).list())
                .filteredOn(price -> price.sku() == Sku.COMPUTE)
                .extracting(price -> price.price() + " " + price.end().isPresent())
                .containsExactly("0.2 false", "0.111 true");
    }

    @Test
    void aPriceThatWasUsedWhileTheClockWasAheadKeepsThatAndGivesWayToTheNext() throws Exception {
        pricesAt(DAY).set(Sku.COMPUTE, new BigDecimal("0.2"), Optional.empty(), false);
        int ahead = 3 * 1440;
        pricesAt(DAY.plus(Duration.ofDays(3))).set(Sku.COMPUTE, new BigDecimal("0.3"), Optional.empty(), false);
        load(minute(Sku.COMPUTE, 1, "3600"), minute(Sku.COMPUTE, ahead + 1, "3600"), minute(Sku.DATA, ahead + 2, "1"));

        Instant noon = DAY.plus(Duration.ofHours(12));
        assertThatThrownBy(() -> pricesAt(noon).set(Sku.COMPUTE, new BigDecimal("0.5"), Optional.empty(), false))
                .hasMessageContaining("clock_is_right=true");
        Price set = pricesAt(noon).set(Sku.COMPUTE, new BigDecimal("0.5"), Optional.empty(), true);
        assertThat(set.start()).isEqualTo(noon);
        pricesAt(noon.plusSeconds(3600)).set(Sku.COMPUTE, new BigDecimal("0.6"), Optional.empty(), false);
        pricesAt(noon.plusSeconds(7200)).set(Sku.COMPUTE, new BigDecimal("0.6"), Optional.empty(), false);

        assertThat(pricesAt(noon).list())
                .filteredOn(price -> price.sku() == Sku.COMPUTE)
                .extracting(price ->
                        price.price() + " " + price.start() + " " + price.end().orElse(null))
                .containsExactly(
                        "0.6 2026-08-28T00:02:00.000001Z null",
                        "0.3 2026-08-28T00:00:00Z 2026-08-28T00:02:00.000001Z",
                        "0.6 2026-08-25T13:00:00Z 2026-08-28T00:00:00Z",
                        "0.5 2026-08-25T12:00:00Z 2026-08-25T13:00:00Z",
                        "0.2 2026-08-25T00:00:00Z 2026-08-25T12:00:00Z",
                        "0.111 2020-01-01T00:00:00Z 2026-08-25T00:00:00Z");
        load(minute(Sku.COMPUTE, 730, "3600"), minute(Sku.COMPUTE, 800, "3600"));
        assertThat(postgres.rows("SELECT unit_price || ' ' || round(cost, 3) FROM billing.cost "
                        + "WHERE usage_type = 'COMPUTE_TIME' ORDER BY unit_price"))
                .containsExactly("0.2 0.200", "0.3 0.300", "0.5 0.500", "0.6 0.600");
    }

    @Test
    void thePriceThatHoldsSetAgainTakesBackOneThatHasNotBegun() throws Exception {
        pricesAt(DAY.plus(Duration.ofDays(3_650))).set(Sku.COMPUTE, new BigDecimal("0.3"), Optional.empty(), false);
        pricesAt(DAY).set(Sku.COMPUTE, new BigDecimal("0.111"), Optional.empty(), false);

        assertThat(pricesAt(DAY).list())
                .filteredOn(price -> price.sku() == Sku.COMPUTE)
                .extracting(price -> price.price() + " " + price.end().isPresent())
                .containsExactly("0.111 false");
    }

    @Test
    void changesOfAPriceAtOnceComeOneAfterTheOther() throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
            List<Future<?>> changes = new ArrayList<>();
            for (int i = 1; i <= 8; i++) {
                BigDecimal price = BigDecimal.valueOf(i);
                changes.add(threads.submit(() -> pricesAt(DAY).set(Sku.COMPUTE, price, Optional.empty(), false)));
            }
            for (Future<?> change : changes) {
                change.get();
            }
        }
        assertThat(pricesAt(DAY).list())
                .filteredOn(price -> price.sku() == Sku.COMPUTE)
                .hasSize(9)
                .filteredOn(price -> price.end().isEmpty())
                .hasSize(1);
    }

    @Test
    void aCorrectionIsTwoNewRecordsAndTheWrongOneStays() throws Exception {
        UsageEvent wrong = minute(Sku.COMPUTE, 0, "60");
        load(wrong, minute(Sku.COMPUTE, 1, "30"));
        Corrections corrections = new Corrections(postgres.system(), records -> load(List.of(records)));

        Corrections.Corrected corrected =
                corrections.correct(wrong.recordId(), new BigDecimal("12.5")).orElseThrow();

        assertThat(postgres.rows("""
                        SELECT concat_ws('|', record_type, base_quantity, corrects IS NOT NULL, usage_start_time = '2026-08-25 00:00Z')
                        FROM billing.usage ORDER BY usage_start_time, record_type"""))
                .containsExactly("ORIGINAL|60|f|t", "RESTATEMENT|12.5|t|t", "RETRACTION|-60|t|t", "ORIGINAL|30|f|f");
        assertThat(postgres.query("SELECT sum(base_quantity) FROM billing.cost"))
                .isEqualTo("42.5");
        assertThatThrownBy(() -> corrections.correct(wrong.recordId(), BigDecimal.ONE))
                .hasMessageContaining("corrected already");
        assertThatThrownBy(() -> corrections.correct(corrected.retraction(), BigDecimal.ONE))
                .hasMessageContaining("is a retraction");
        assertThat(corrections.correct(corrected.restatement(), BigDecimal.ZERO))
                .isPresent();
        assertThat(postgres.query("SELECT sum(base_quantity) FROM billing.cost"))
                .isEqualTo("30.0");
        assertThat(corrections.correct(UUID.randomUUID(), BigDecimal.ONE)).isEmpty();
    }

    @Test
    void aCorrectionThatIsTriedAgainDoesNotAnswerWhatIsNotInTheBill() throws Exception {
        UsageEvent wrong = minute(Sku.COMPUTE, 0, "60");
        load(wrong);
        List<UsageEvent> waiting = new ArrayList<>();
        Corrections slow = new Corrections(postgres.system(), records -> {
            waiting.addAll(List.of(records));
            throw new JournalException("not loaded in time");
        });
        Corrections corrections = new Corrections(postgres.system(), records -> {
            waiting.addAll(List.of(records));
            load(waiting);
        });
        assertThatThrownBy(() -> slow.correct(wrong.recordId(), new BigDecimal("12")))
                .isInstanceOf(JournalException.class);
        assertThatThrownBy(() -> corrections.correct(wrong.recordId(), new BigDecimal("13")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("is corrected already to 12. Correct record ");
        assertThat(postgres.query("SELECT sum(base_quantity) FROM billing.cost"))
                .isEqualTo("12");
    }

    @Test
    void theComputeOfAnHourIsSharedOutByTheCpuOfItsStatements() throws Exception {
        Instant four = Instant.parse("2026-08-25T04:00:00Z");
        load(
                usage(Sku.COMPUTE, four, Duration.ofMinutes(1), "3600"),
                usage(Sku.CPU, four, Duration.ofMinutes(1), "0.004938268"),
                Events.statement("s-1", "SELECT 1"),
                Events.statement("s-2", "SELECT 2"));

        assertThat(postgres.rows("""
                        SELECT concat_ws('|', principal, agent, tool, branch_name, statements, round(cpu_seconds, 9), round(cost, 6))
                        FROM system.billing.cost_by_tool
                        WHERE usage_date = '2026-08-25'
                        ORDER BY tool"""))
                .containsExactly(
                        "ann@example.com|claude|execute_sql|feature-x|2|0.002469134|0.055500",
                        "postgresql|feature-x|0|0.002469134|0.055500");
        assertThat(postgres.query("SELECT sum(cost) = 0.111 FROM billing.cost_by_tool"))
                .isEqualTo("t");
    }

    @Test
    void costsOfDifferentCurrenciesAreNotAddedUp() throws Exception {
        Instant four = Instant.parse("2026-08-25T04:00:00Z");
        pricesAt(four.plus(Duration.ofMinutes(30))).set(Sku.COMPUTE, new BigDecimal("0.2"), Optional.of("EUR"), false);
        load(
                usage(Sku.COMPUTE, four, Duration.ofMinutes(1), "3600"),
                usage(Sku.COMPUTE, four.plus(Duration.ofMinutes(30)), Duration.ofMinutes(1), "3600"),
                usage(Sku.CPU, four, Duration.ofMinutes(1), "0.004938268"),
                Events.statement("s-1", "SELECT 1"),
                Events.statement("s-2", "SELECT 2"));

        assertThat(postgres.rows("""
                        SELECT concat_ws('|', tool, statements, round(cpu_seconds, 9), currency_code, round(cost, 6))
                        FROM system.billing.cost_by_tool
                        WHERE usage_date = '2026-08-25'
                        ORDER BY tool, currency_code"""))
                .containsExactly(
                        "execute_sql|2|0.002469134|EUR|0.100000",
                        "execute_sql|0|0.000000000|USD|0.055500",
                        "postgresql|0|0.002469134|EUR|0.100000",
                        "postgresql|0|0.000000000|USD|0.055500");
    }

    @Test
    void whatIsFreeIsShownAndCostsNothing() throws Exception {
        pricesAt(DAY.minus(Duration.ofDays(1))).set(Sku.COMPUTE, BigDecimal.ZERO, Optional.empty(), false);
        Instant four = Instant.parse("2026-08-25T04:00:00Z");
        load(
                usage(Sku.COMPUTE, four, Duration.ofMinutes(1), "3600"),
                usage(Sku.CPU, four, Duration.ofMinutes(1), "0.004938268"),
                Events.statement("s-1", "SELECT 1"));

        assertThat(postgres.rows("""
                        SELECT concat_ws('|', tool, statements, currency_code IS NULL, cost = 0)
                        FROM system.billing.cost_by_tool
                        WHERE usage_date = '2026-08-25'
                        ORDER BY tool""")).containsExactly("execute_sql|1|t|t", "postgresql|0|t|t");
    }

    @Test
    void whatADayIsAskedForReadsItsPartitionsOnly() throws Exception {
        load(minute(Sku.CPU, 0, "1"), Events.statement("s-1", "SELECT 1"));

        for (String view : List.of("usage", "cost", "cost_by_tool")) {
            assertThat(postgres.rows("EXPLAIN SELECT * FROM billing." + view + " WHERE usage_date = '2026-08-25'"))
                    .as(view)
                    .filteredOn(line -> line.matches(".* on (usage|statement)_.*"))
                    .allMatch(line -> line.contains("_20260825"));
        }
    }

    @Test
    void usageGoesWithItsRetention() throws Exception {
        load(minute(Sku.CPU, 0, "1"));
        Clock later = Clock.fixed(Events.TIME.plus(Duration.ofDays(400)), ZoneOffset.UTC);
        postgres.timeHasGoneTo(later.instant());
        try (Journal journal = TestJournal.open(directory);
                Loader _ = Loader.start(journal, postgres.system(), Retention.DEFAULT, later)) {
            TestWait.until(
                    "it is gone",
                    () -> postgres.query("SELECT count(*) FROM billing.usage").equals("0"));
        }
    }
}
