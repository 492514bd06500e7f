package dev.espalier.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.journal.TestDisk.Kind;
import dev.espalier.testing.TestWait;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The disk is full, or the journal has reached its limit. */
class FullDiskTest {

    private static final int MANY = 1_000;

    private static Event event(int i) {
        return Events.statement("s-" + i, Integer.toString(i % 10).repeat(100_000));
    }

    /** Storing into a mapped file for which the disk has no room would kill this process. */
    @ParameterizedTest
    @EnumSource(names = "BTRFS", mode = EnumSource.Mode.EXCLUDE)
    void whatStrictHasTakenIsThereAndTheRestIsRefused(Kind kind) throws Exception {
        try (TestDisk disk = new TestDisk(kind)) {
            Path directory = disk.path().resolve("journal");
            List<Event> taken = new ArrayList<>();
            Path ballast;
            try (Journal journal = TestJournal.open(directory)) {
                TestWait.until(
                        "two segments ahead",
                        () -> TestJournal.segments(directory).size() == 3);
                ballast = disk.fill(0);
                assertThatThrownBy(() -> {
                            for (int i = 0; i < MANY; i++) {
                                Event event = event(i);
                                journal.append(event);
                                taken.add(event);
                            }
                        })
                        .isInstanceOf(JournalException.class)
                        .hasMessageStartingWith("the event cannot be recorded: the disk of the journal's directory")
                        .hasMessageEndingWith("Give the disk more room.");
                assertThat(taken).hasSizeGreaterThan(2 * TestJournal.SEGMENT / 110_000);
                journal.sync();
                assertThat(TestJournal.events(journal)).isEqualTo(taken);
            }
            Files.delete(ballast);
            try (Journal journal = TestJournal.open(directory)) {
                assertThat(TestJournal.events(journal)).startsWith(taken.toArray(Event[]::new));
                assertGap(journal, 1);
                assertThat(journal.append(event(0))).isEqualTo(taken.size() + 2);
            }
        }
    }

    @Test
    void onBtrfsItStopsBeforeTheDiskIsFull() throws Exception {
        try (TestDisk disk = new TestDisk(Kind.BTRFS)) {
            try (Journal journal = TestJournal.open(disk.path().resolve("journal"))) {
                long last = journal.append(event(0));
                journal.sync();
                Path ballast = disk.fill(32 << 20);
                TestWait.until("it refuses", () -> refuses(journal));
                assertThatThrownBy(() -> journal.append(event(0)))
                        .isInstanceOf(JournalException.class)
                        .hasMessageEndingWith("the journal leaves 67108864 free on btrfs. Give the disk more room.");
                Files.delete(ballast);
                disk.sync();
                TestWait.until("there is room", () -> journal.append(event(1)) > last);
            }
        }
    }

    @Test
    void strictSaysThatNothingIsToBeginWhileItStillHasRoomForWhatHas() throws Exception {
        try (TestDisk disk = new TestDisk(Kind.TMPFS)) {
            try (Journal journal = TestJournal.open(disk.path().resolve("journal"))) {
                TestWait.until(
                        "two segments ahead",
                        () -> TestJournal.segments(disk.path().resolve("journal"))
                                        .size()
                                == 3);
                Path ballast = disk.fill(0);
                // More than one segment, and less than two.
                for (int i = 0; i < 45; i++) {
                    assertThat(journal.append(event(i))).isPositive();
                }
                TestWait.until("no room for another", () -> journal.problem().isPresent());
                for (int i = 0; journal.obstacle().isEmpty(); i++) {
                    assertThat(journal.append(event(i))).isPositive();
                }
                assertThatThrownBy(() -> journal.keep(List.of(event(0))))
                        .isInstanceOf(JournalException.class)
                        .hasMessageStartingWith("the event cannot be recorded");
                for (int i = 0; i < 4; i++) {
                    assertThat(journal.append(event(i))).isPositive();
                }
                assertThatThrownBy(() -> {
                            for (int i = 0; i < MANY; i++) {
                                journal.append(event(i));
                            }
                        })
                        .isInstanceOf(JournalException.class);
                Files.delete(ballast);
                TestWait.until("there is room", () -> journal.obstacle().isEmpty());
                assertGap(journal, 1);
            }
        }
    }

    @Test
    void availableSaysHowManyItCouldNotKeepAsSoonAsThereIsRoom() throws Exception {
        try (TestDisk disk = new TestDisk(Kind.TMPFS)) {
            Path directory = disk.path().resolve("journal");
            try (Journal journal = TestJournal.open(directory, Durability.AVAILABLE)) {
                Path ballast = disk.fill(0);
                int lost = appendMany(journal);
                assertThat(lost).isPositive();
                assertThat(journal.problem().orElseThrow()).startsWith(lost + " events could not be kept since");
                Files.delete(ballast);
                TestWait.until("the gap is said", () -> lastEvent(journal) instanceof AuditEvent);
                assertGap(journal, lost);
                assertThat(journal.problem()).isEmpty();
                assertThat(journal.append(event(0))).isPositive();
            }
        }
    }

    @Test
    void whatItsCallerStillHasIsKeptWholeOrRefusedAndIsNoGap() throws Exception {
        try (TestDisk disk = new TestDisk(Kind.TMPFS)) {
            try (Journal journal = TestJournal.open(disk.path().resolve("journal"), Durability.AVAILABLE)) {
                Path ballast = disk.fill(0);
                List<Event> taken = new ArrayList<>();
                assertThatThrownBy(() -> {
                            for (int i = 0; i < MANY; i++) {
                                List<Event> pair = List.of(event(i), event(i + 1));
                                long unused = journal.keep(pair);
                                taken.addAll(pair);
                            }
                        })
                        .isInstanceOf(JournalException.class)
                        .hasMessageStartingWith("the event cannot be recorded");
                Files.delete(ballast);
                List<Event> pair = List.of(event(1), event(2));
                TestWait.until("there is room", () -> journal.keep(pair) == taken.size() + 2);
                taken.addAll(pair);
                assertThat(TestJournal.events(journal)).isEqualTo(taken);
            }
        }
    }

    @Test
    void availableRemembersWhatItCouldNotKeepOverAKill(@TempDir Path copies) throws Exception {
        try (TestDisk disk = new TestDisk(Kind.TMPFS)) {
            Path directory = disk.path().resolve("journal");
            try (Journal journal = TestJournal.open(directory, Durability.AVAILABLE)) {
                disk.fill(0);
                int lost = appendMany(journal);
                Path killed = TestJournal.killed(directory, copies.resolve("killed"));
                try (Journal next = TestJournal.open(killed)) {
                    assertGap(next, lost);
                }
            }
        }
    }

    @Test
    void theLimitIsADiskOfItsOwn(@TempDir Path directory) {
        try (Journal journal = TestJournal.open(directory)) {
            TestWait.until(
                    "the limit", () -> refusal(journal).contains("has reached its limit of " + (64 << 20) + " bytes"));
        }
        try (Journal journal = TestJournal.open(directory)) {
            assertThat(journal.append(event(0))).isPositive();
            journal.sync();
            journal.deleteThrough(journal.lastSequence());
            TestWait.until("there is room", () -> journal.append(event(0)) > 0);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"TMPFS", "BTRFS"})
    void aDirectoryThatCannotBeReadForAWhileIsAnObstacleForAWhile(Kind kind) throws Exception {
        try (TestDisk disk = new TestDisk(kind)) {
            Path directory = disk.path().resolve("journal");
            Path elsewhere = disk.path().resolve("elsewhere");
            try (Journal journal = TestJournal.open(directory)) {
                TestWait.until(
                        "two segments ahead",
                        () -> TestJournal.segments(directory).size() == 3);
                Files.move(directory, elsewhere);
                TestWait.until("it is said", () -> refusal(journal).contains("cannot make its next segment"));
                assertThat(journal.obstacle()).isPresent();
                Files.move(elsewhere, directory);
                TestWait.until("there is room", () -> journal.obstacle().isEmpty());
                long last = journal.append(event(0));
                TestWait.until("it is on the disk", () -> journal.syncedSequence() >= last);
            }
        }
    }

    @Test
    void aFileSystemThatWritesElsewhereEachTimeIsRefused() {
        assertThatThrownBy(() -> TestJournal.open(Path.of("/proc/self")))
                .isInstanceOf(JournalException.class)
                .hasMessageContaining("is on a file system of type proc");
    }

    private static boolean refuses(Journal journal) {
        try {
            journal.append(Events.audit("createBranch"));
            return false;
        } catch (JournalException e) {
            return true;
        }
    }

    private static int appendMany(Journal journal) {
        int lost = 0;
        for (int i = 0; i < MANY / 2; i++) {
            lost += journal.append(event(i)) == Journal.NOT_KEPT ? 1 : 0;
        }
        return lost;
    }

    private static Event lastEvent(Journal journal) {
        return TestJournal.events(journal).getLast();
    }

    private static void assertGap(Journal journal, int lost) {
        AuditEvent gap = (AuditEvent) lastEvent(journal);
        assertThat(gap.action()).isEqualTo(JournalEvents.GAP);
        assertThat(gap.parameters())
                .containsEntry("events", Integer.toString(lost))
                .containsEntry("first_time", Events.TIME.toString())
                .containsEntry("last_time", Events.TIME.toString());
    }

    /** Why an event is refused; a disk that has not kept up with the events before is given time. */
    private static String refusal(Journal journal) {
        try {
            for (int i = 0; i < MANY; i++) {
                var _ = journal.append(event(i));
            }
            return "";
        } catch (JournalException e) {
            return String.valueOf(e.getMessage());
        }
    }
}
