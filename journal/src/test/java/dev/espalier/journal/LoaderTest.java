package dev.espalier.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.testing.TestWait;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LoaderTest {

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

    private static Loader start(Journal journal) {
        return Loader.start(journal, postgres.system(), Retention.DEFAULT, TestJournal.CLOCK);
    }

    private static String statements() throws Exception {
        return postgres.query("SELECT count(*) || ' ' || count(DISTINCT statement_id) FROM query.history");
    }

    @Test
    void goesOnWhereAnEarlierOneStopped() throws Exception {
        for (int run = 0; run < 3; run++) {
            try (Journal journal = TestJournal.open(directory);
                    Loader loader = start(journal)) {
                loader.awaitLoaded(journal.append(Events.statement("s-" + run, "SELECT 1")), TestJournal.DEADLINE);
            }
        }
        assertThat(statements()).isEqualTo("3 3");
    }

    @Test
    void loadsWhatAnEarlierProcessHasLeft() throws Exception {
        try (Journal journal = TestJournal.open(directory)) {
            journal.append(Events.statement("s-1", "SELECT 1"));
        }
        try (Journal journal = TestJournal.open(directory);
                Loader loader = start(journal)) {
            loader.awaitLoaded(1, TestJournal.DEADLINE);
        }
        assertThat(statements()).isEqualTo("1 1");
    }

    @Test
    void removesSegmentsWhoseEventsAreLoaded() {
        try (Journal journal = TestJournal.open(directory);
                Loader loader = start(journal)) {
            long last = 0;
            for (int i = 0; i < 100; i++) {
                last = journal.append(Events.statement("s-" + i, "x".repeat(200_000)));
            }
            loader.awaitLoaded(last, TestJournal.DEADLINE);
            TestWait.until(
                    "one in use and two ahead",
                    () -> TestJournal.segments(directory).size() == 3);
        }
    }

    @Test
    void loadsOnceTheDatabaseIsBack() throws Exception {
        try (Journal journal = TestJournal.open(directory);
                Loader loader = start(journal)) {
            loader.awaitLoaded(journal.append(Events.statement("s-1", "SELECT 1")), TestJournal.DEADLINE);
            postgres.kill();
            long last = journal.append(Events.statement("s-2", "SELECT 2"));
            TestWait.until("it says what is in the way", () -> loader.obstacle().isPresent());
            assertThatThrownBy(() -> loader.awaitLoaded(last, Duration.ofMillis(50)))
                    .isInstanceOf(JournalException.class)
                    .hasMessageContaining("event 2 is not in the system tables after 50 ms, they have come to 1: ");
            postgres.start();
            loader.awaitLoaded(last, TestJournal.DEADLINE);
            TestWait.until("all is well", () -> loader.obstacle().isEmpty());
        }
        assertThat(statements()).isEqualTo("2 2");
    }

    @Test
    void eventsThatAreNowhereAnyMoreAreSaidToBe() throws Exception {
        try (Journal journal = TestJournal.open(directory)) {
            for (int i = 0; i < 50; i++) {
                journal.append(Events.statement("s-" + i, "x".repeat(200_000)));
            }
        }
        Files.delete(TestJournal.segments(directory).getFirst());
        try (Journal journal = TestJournal.open(directory);
                Loader loader = start(journal)) {
            loader.awaitLoaded(50, TestJournal.DEADLINE);
        }
        String missing =
                postgres.query("SELECT request_params->>'events' FROM access.audit WHERE action_name = 'journalGap'");
        assertThat(Integer.parseInt(missing)).isPositive();
        assertThat(statements()).startsWith(Integer.toString(50 - Integer.parseInt(missing)));
    }

    @Test
    void aJournalThatIsGoneAsAWholeIsSaidToBe() throws Exception {
        try (Journal journal = TestJournal.open(directory);
                Loader loader = start(journal)) {
            loader.awaitLoaded(journal.append(Events.statement("s-1", "SELECT 1")), TestJournal.DEADLINE);
        }
        for (Path segment : TestJournal.segments(directory)) {
            Files.delete(segment);
        }
        try (Journal journal = TestJournal.open(directory);
                Loader loader = start(journal)) {
            loader.awaitLoaded(journal.append(Events.statement("s-2", "SELECT 2")), TestJournal.DEADLINE);
        }
        assertThat(postgres.query(
                        "SELECT request_params->>'others' FROM access.audit WHERE action_name = 'journalBegun'"))
                .contains(" up to event 1");
    }

    @Test
    void anOlderCopyOfTheJournalIsNotLoaded(@TempDir Path copies) {
        Path copy;
        try (Journal journal = TestJournal.open(directory);
                Loader loader = start(journal)) {
            journal.append(Events.statement("s-1", "SELECT 1"));
            copy = TestJournal.killed(directory, copies.resolve("copy"));
            loader.awaitLoaded(journal.append(Events.statement("s-2", "SELECT 2")), TestJournal.DEADLINE);
        }
        try (Journal journal = TestJournal.open(copy);
                Loader loader = start(journal)) {
            TestWait.until("it says so", () -> loader.obstacle().orElse("").contains("An older copy"));
        }
    }

    @Test
    void partitionsAreMadeForTheNextDaysAndForLateEvents() throws Exception {
        try (Journal journal = TestJournal.open(directory);
                Loader loader = start(journal)) {
            Instant late = Events.TIME.minus(Duration.ofDays(2));
            loader.awaitLoaded(journal.append(Events.statement("s-1", "SELECT 1", late)), TestJournal.DEADLINE);
        }
        assertThat(postgres.rows("SELECT inhrelid::regclass::text FROM pg_inherits "
                        + "WHERE inhparent = 'journal.statement'::regclass ORDER BY 1"))
                .containsExactly(
                        "journal.statement_20260823",
                        "journal.statement_20260825",
                        "journal.statement_20260826",
                        "journal.statement_20260827",
                        "journal.statement_20260828");
    }

    @Test
    void oldStatementsGoWithTheirPartition() throws Exception {
        try (Journal journal = TestJournal.open(directory)) {
            try (Loader loader = start(journal)) {
                journal.append(Events.statement("old", "SELECT 1"));
                Instant next = Events.TIME.plus(Duration.ofDays(1));
                loader.awaitLoaded(journal.append(Events.statement("new", "SELECT 1", next)), TestJournal.DEADLINE);
            }
            Clock later = Clock.fixed(Events.TIME.plus(Duration.ofDays(31)), ZoneOffset.UTC);
            postgres.timeHasGoneTo(later.instant());
            try (Loader _ = Loader.start(journal, postgres.system(), Retention.DEFAULT, later)) {
                TestWait.until(
                        "the old one is gone",
                        () -> postgres.rows("SELECT statement_id FROM query.history")
                                .equals(List.of("new")));
            }
        }
    }

    @Test
    void aClockThatIsSuddenlyFarAheadDropsNothingUntilItHasHeldForADay() throws Exception {
        try (Journal journal = TestJournal.open(directory);
                Loader loader = start(journal)) {
            journal.append(Events.statement("kept", "SELECT 1"));
            loader.awaitLoaded(journal.append(Events.audit("kept")), TestJournal.DEADLINE);
        }
        Instant wrong = Events.TIME.plus(Duration.ofDays(3_650));
        Clock clock = Clock.fixed(wrong, ZoneOffset.UTC);
        // Also after events of the wrong time are there, and a restart.
        for (int start = 0; start < 2; start++) {
            try (Journal journal = Journal.open(TestJournal.settings(directory, Durability.STRICT), clock);
                    Loader loader = Loader.start(journal, postgres.system(), Retention.DEFAULT, clock)) {
                loader.awaitLoaded(journal.append(Events.statement("wrong", "SELECT 1", wrong)), TestJournal.DEADLINE);
                assertThat(loader.problems())
                        .singleElement()
                        .asString()
                        .contains("the clock says 2036", "far ahead of 2026-08-25", "not dropped");
            }
        }
        assertThat(postgres.query("SELECT count(*) FROM query.history WHERE statement_id = 'kept'"))
                .isEqualTo("1");
        assertThat(postgres.query("SELECT count(*) FROM access.audit WHERE action_name = 'kept'"))
                .isEqualTo("1");

        postgres.execute("UPDATE journal.retention_clock SET far_seconds = 86400");
        try (Journal journal = Journal.open(TestJournal.settings(directory, Durability.STRICT), clock);
                Loader loader = Loader.start(journal, postgres.system(), Retention.DEFAULT, clock)) {
            TestWait.until(
                    "the clock is believed",
                    () -> postgres.query("SELECT count(*) FROM access.audit WHERE action_name = 'kept'")
                            .equals("0"));
            assertThat(loader.problems()).isEmpty();
        }
    }
}
