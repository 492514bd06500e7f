package dev.espalier.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Time goes on for retention only as the clock is seen to go. */
class RetentionClockTest {

    private static final Instant NOON = Instant.parse("2026-11-28T12:00:00Z");
    private static final Duration HOUR = Duration.ofHours(1);
    private static final Duration YEARS = Duration.ofDays(3_650);

    @TempDir
    static Path shared;

    private static TestPostgres postgres;

    private Duration ran = Duration.ZERO;
    private RetentionClock clock = process();

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
        postgres.newDatabase();
        JournalSchema.migrate(postgres.system());
    }

    private RetentionClock process() {
        return new RetentionClock(() -> ran.toNanos());
    }

    private Instant at(Instant now) throws Exception {
        try (Connection connection = postgres.system().getConnection()) {
            connection.setAutoCommit(false);
            return clock.at(connection, now);
        }
    }

    @Test
    void aClockThatGoesOnIsFollowed() throws Exception {
        assertThat(at(NOON)).isEqualTo(NOON);
        assertThat(at(NOON.plus(HOUR))).isEqualTo(NOON.plus(HOUR));
        assertThat(at(NOON.plus(HOUR.multipliedBy(24)))).isEqualTo(NOON.plus(HOUR.multipliedBy(24)));
        assertThat(clock.problem()).isEmpty();
    }

    @Test
    void oneThatJumpsAheadIsBelievedAfterADayOfRunning() throws Exception {
        at(NOON);
        for (int hour = 0; hour < 24; hour++) {
            if (hour % 5 == 0) {
                clock = process();
            }
            assertThat(at(NOON.plus(YEARS))).isEqualTo(NOON);
            assertThat(clock.problem()).isPresent();
            ran = ran.plus(HOUR);
            // The hour before a restart counts as well.
            at(NOON.plus(YEARS));
        }
        assertThat(at(NOON.plus(YEARS))).isEqualTo(NOON.plus(YEARS));
        assertThat(clock.problem()).isEmpty();
    }

    @Test
    void oneThatComesBackHasChangedNothing() throws Exception {
        at(NOON);
        ran = ran.plus(HOUR.multipliedBy(23));
        at(NOON.plus(YEARS));
        assertThat(at(NOON.plus(HOUR))).isEqualTo(NOON.plus(HOUR));
        ran = ran.plus(HOUR);
        assertThat(at(NOON.plus(YEARS))).isEqualTo(NOON.plus(HOUR));
    }

    @Test
    void oneThatIsFarBehindForAMomentIsFollowedAtOnceWhenItIsRightAgain() throws Exception {
        at(NOON);
        assertThat(at(Instant.EPOCH)).isEqualTo(Instant.EPOCH);
        assertThat(clock.problem()).isEmpty();
        assertThat(at(NOON.plus(HOUR))).isEqualTo(NOON.plus(HOUR));
    }

    @Test
    void atTheFirstLookTimeHasGoneToTheNewestRowOfTheAudit(@TempDir Path directory) throws Exception {
        try (Journal journal = TestJournal.open(directory);
                Loader loader = Loader.start(journal, postgres.system(), Retention.DEFAULT, TestJournal.CLOCK)) {
            loader.awaitLoaded(journal.append(Events.audit("newest")), TestJournal.DEADLINE);
        }
        postgres.execute("TRUNCATE journal.retention_clock");
        assertThat(at(Events.TIME.plus(YEARS))).isEqualTo(Events.TIME);
    }
}
