package dev.espalier.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalTest {

    @TempDir
    Path directory;

    @Test
    void numbersEventsFromOneOnAndGoesOnAfterAReopening() {
        Event first = Events.statement("s-1", "SELECT 1");
        Event second = Events.audit("createBranch");
        try (Journal journal = TestJournal.open(directory)) {
            assertThat(journal.append(first)).isEqualTo(1);
        }
        try (Journal journal = TestJournal.open(directory)) {
            assertThat(journal.lastSequence()).isEqualTo(1);
            assertThat(journal.append(second)).isEqualTo(2);
            assertThat(TestJournal.events(journal)).containsExactly(first, second);
        }
    }

    @Test
    void isTheSameJournalAfterAReopening() {
        Journal first = TestJournal.open(directory);
        first.close();
        try (Journal second = TestJournal.open(directory)) {
            assertThat(second.id()).isEqualTo(first.id());
        }
    }

    @Test
    void goesOnInAnotherSegmentWhenOneIsFull() {
        List<Event> appended = new ArrayList<>();
        try (Journal journal = TestJournal.open(directory)) {
            for (int i = 0; i < 50; i++) {
                appended.add(Events.statement("s-" + i, Integer.toString(i).repeat(200_000)));
                journal.append(appended.getLast());
            }
            assertThat(TestJournal.segments(directory)).hasSizeGreaterThan(4);
            assertThat(TestJournal.events(journal)).isEqualTo(appended);
        }
        try (Journal journal = TestJournal.open(directory)) {
            assertThat(TestJournal.events(journal)).isEqualTo(appended);
        }
    }

    /** A name that leads nowhere is what a listing still has of a segment that the loader has deleted since. */
    @Test
    void aSegmentThatIsDeletedMeanwhileKeepsNoEventFromBeingRecorded() throws IOException {
        try (Journal journal = TestJournal.open(directory)) {
            Path deleted = Files.createSymbolicLink(
                    directory.resolve("9999999999999999.journal"), directory.resolve("nowhere"));
            for (int i = 0; i < 50; i++) {
                journal.append(Events.statement("s-" + i, "x".repeat(200_000)));
            }
            assertThat(journal.lastSequence()).isEqualTo(50);
            Files.delete(deleted);
        }
    }

    /** Whoever waits for a segment has the journal's lock; what makes segments must not. */
    @Test
    void segmentsAreMadeWhileEveryoneAppends() throws Exception {
        var failures = new ConcurrentLinkedQueue<RuntimeException>();
        try (Journal journal = TestJournal.open(directory)) {
            List<Thread> threads = new ArrayList<>();
            for (int t = 0; t < 4; t++) {
                threads.add(Thread.startVirtualThread(() -> {
                    try {
                        for (int i = 0; i < 13; i++) {
                            journal.append(Events.statement("s", "x".repeat(1_000_000)));
                        }
                    } catch (RuntimeException e) {
                        failures.add(e);
                    }
                }));
            }
            for (Thread thread : threads) {
                thread.join();
            }
            assertThat(failures).isEmpty();
            assertThat(journal.lastSequence()).isEqualTo(52);
        }
    }

    @Test
    void threadsGetNumbersOfTheirOwn() throws Exception {
        var sequences = new ConcurrentSkipListSet<Long>();
        try (Journal journal = TestJournal.open(directory)) {
            List<Thread> threads = new ArrayList<>();
            for (int t = 0; t < 4; t++) {
                threads.add(Thread.startVirtualThread(() -> {
                    for (int i = 0; i < 5_000; i++) {
                        sequences.add(journal.append(Events.statement("s", "SELECT " + i)));
                    }
                }));
            }
            for (Thread thread : threads) {
                thread.join();
            }
            assertThat(sequences)
                    .containsExactlyElementsOf(
                            LongStream.rangeClosed(1, 20_000).boxed().toList());
            assertThat(TestJournal.events(journal)).hasSize(20_000);
        }
    }

    @Test
    void whatWasAppendedIsThereAfterAKill(@TempDir Path copies) {
        try (Journal journal = TestJournal.open(directory)) {
            Event event = Events.statement("s-1", "SELECT 1");
            journal.append(event);
            Path killed = TestJournal.killed(directory, copies.resolve("killed"));
            try (Journal next = TestJournal.open(killed)) {
                assertThat(TestJournal.events(next)).containsExactly(event);
            }
        }
    }

    @Test
    void isOnTheDiskSoon() {
        try (Journal journal = TestJournal.open(directory)) {
            long sequence = journal.append(Events.audit("createBranch"));
            journal.awaitSynced(sequence - 1, TestJournal.DEADLINE);
            assertThat(journal.syncedSequence()).isEqualTo(sequence);
        }
    }

    @Test
    void hasItsDirectoryForItself() {
        try (Journal journal = TestJournal.open(directory)) {
            assertThat(journal.lastSequence()).isZero();
            assertThatThrownBy(() -> TestJournal.open(directory))
                    .isInstanceOf(JournalException.class)
                    .hasMessageContaining("in use");
        }
    }

    @Test
    void refusesEventsOnceItIsClosed() {
        Journal journal = TestJournal.open(directory);
        journal.close();
        journal.close();
        assertThatThrownBy(() -> journal.append(Events.audit("createBranch")))
                .isInstanceOf(JournalException.class)
                .hasMessageContaining("closed");
    }

    @Test
    void leavesLittleBehindWhenItIsClosed() throws Exception {
        for (int i = 0; i < 3; i++) {
            TestJournal.open(directory).close();
        }
        for (Path segment : TestJournal.segments(directory)) {
            assertThat(segment).hasSize(SegmentHeader.BYTES);
        }
    }

    @Test
    void settingsOutOfRangeAreRefused() {
        Duration interval = Duration.ofMillis(100);
        assertThatThrownBy(
                        () -> new JournalSettings(directory, Durability.STRICT, 1 << 20, 1 << 30, interval, interval))
                .hasMessageContaining("4194304 to 16777216");
        assertThatThrownBy(
                        () -> new JournalSettings(directory, Durability.STRICT, 16 << 20, 32 << 20, interval, interval))
                .hasMessageContaining("room for 4 segments");
        assertThatThrownBy(() ->
                        new JournalSettings(directory, Durability.STRICT, 4 << 20, 64 << 20, Duration.ZERO, interval))
                .hasMessageContaining("must be positive");
    }
}
