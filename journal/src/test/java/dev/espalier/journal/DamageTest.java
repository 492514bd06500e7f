package dev.espalier.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.UUID;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A journal of two segments is killed and then damaged at positions of chance: no event is ever lost or changed in silence. */
class DamageTest {

    private static final int TRIES = 60;

    @TempDir
    static Path shared;

    private static Path killed;
    private static final List<Event> APPENDED = new ArrayList<>();
    /** Where records begin in the last segment, and where the last one ends. */
    private static final List<Long> BOUNDARIES = new ArrayList<>();

    private static long end;

    private final long seed = Long.getLong("espalier.seed", System.nanoTime());
    private final Random random = new Random(seed);
    private int copies;

    @BeforeAll
    static void kill() {
        try (Journal journal = TestJournal.open(shared.resolve("live"))) {
            for (int i = 0; i < 60; i++) {
                APPENDED.add(Events.statement("s-" + i, Integer.toString(i % 10).repeat(100_000 + i)));
                journal.append(APPENDED.getLast());
            }
            for (int i = 0; i < 20; i++) {
                APPENDED.add(Events.audit("action" + i));
                journal.append(APPENDED.getLast());
            }
            killed = TestJournal.killed(shared.resolve("live"), shared.resolve("killed"));
        }
        try (SegmentReader reader = new SegmentReader(last(killed))) {
            do {
                BOUNDARIES.add(reader.offset());
            } while (reader.next().isPresent());
            end = reader.offset();
        }
    }

    @AfterAll
    static void forget() {
        APPENDED.clear();
        BOUNDARIES.clear();
    }

    /** The segment that was being written. */
    private static Path last(Path directory) {
        Path found = null;
        for (Path segment : TestJournal.segments(directory)) {
            try (SegmentReader reader = new SegmentReader(segment)) {
                if (reader.header().firstSequence() != 0) {
                    found = segment;
                }
            }
        }
        return Objects.requireNonNull(found);
    }

    private Path copy() {
        return TestJournal.killed(killed, shared.resolve("copy-" + System.identityHashCode(this) + "-" + copies++));
    }

    private void delete(Path directory) throws IOException {
        try (var files = Files.list(directory)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(directory);
    }

    private static void change(Path file, Consumer<MemorySegment> change) {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
                Arena arena = Arena.ofConfined()) {
            change.accept(channel.map(FileChannel.MapMode.READ_WRITE, 0, channel.size(), arena));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void aFlippedBitIsReportedWithItsPlaceOrHarmsNothing() throws IOException {
        System.out.println("flipped bits: -Despalier.seed=" + seed);
        int reported = 0;
        for (int i = 0; i < TRIES; i++) {
            Path directory = copy();
            boolean inLast = random.nextBoolean();
            Path file =
                    inLast ? last(directory) : TestJournal.segments(directory).getFirst();
            // The end is where small records are. Of the header, what is written once.
            long at = switch (random.nextInt(3)) {
                case 0 -> random.nextInt(80);
                case 1 -> inLast ? end - 1 - random.nextInt(5_000) : random.nextLong(128, 4_000_000);
                default -> random.nextLong(128, inLast ? end : 4_000_000);
            };
            try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
                bytes.seek(at);
                int flipped = bytes.read() ^ (1 << random.nextInt(8));
                bytes.seek(at);
                bytes.write(flipped);
            }
            try (Journal journal = TestJournal.open(directory)) {
                assertThat(TestJournal.events(journal))
                        .as("seed " + seed + " at " + at)
                        .isEqualTo(APPENDED);
            } catch (JournalDamage e) {
                assertThat(e.segment()).startsWith(directory.toString());
                assertThat(e.offset()).isLessThanOrEqualTo(Math.max(at, SegmentHeader.BYTES));
                reported++;
            }
            delete(directory);
        }
        assertThat(reported).isGreaterThan(TRIES / 2);
    }

    @Test
    void everyBitOfTheLastRecordCounts() throws IOException {
        long size = Records.size(EventCodec.encode(APPENDED.getLast()).length);
        for (int i = 0; i < TRIES; i++) {
            Path directory = copy();
            // Not the padding of up to seven bytes at its end.
            long at = end - size + random.nextLong(size - 7);
            int bit = 1 << random.nextInt(8);
            change(last(directory), memory -> {
                byte old = memory.get(ValueLayout.JAVA_BYTE, at);
                memory.set(ValueLayout.JAVA_BYTE, at, (byte) (old ^ bit));
            });
            assertThatThrownBy(() -> TestJournal.open(directory))
                    .as("seed " + seed + " at " + at)
                    .isInstanceOf(JournalDamage.class);
            delete(directory);
        }
    }

    @Test
    void aRecordThatWasBeingWrittenIsCutOff() throws IOException {
        System.out.println("torn tails: -Despalier.seed=" + seed);
        long size = Records.size(EventCodec.encode(APPENDED.getLast()).length);
        for (int i = 0; i < TRIES; i++) {
            Path directory = copy();
            long kept = random.nextLong(size - 8);
            change(last(directory), memory -> {
                memory.asSlice(end - size, 4).fill((byte) 0);
                memory.asSlice(end - size + 8 + kept, size - 8 - kept).fill((byte) 0);
            });
            Event next = Events.audit("next");
            try (Journal journal = TestJournal.open(directory)) {
                assertThat(journal.append(next)).isEqualTo(APPENDED.size());
                List<Event> expected = new ArrayList<>(APPENDED.subList(0, APPENDED.size() - 1));
                expected.add(next);
                assertThat(TestJournal.events(journal)).as("seed " + seed).isEqualTo(expected);
            }
            delete(directory);
        }
    }

    @Test
    void afterAPowerCutWhatWasNotYetOnTheDiskIsCutOffAndSaid() throws IOException {
        System.out.println("power cuts: -Despalier.seed=" + seed);
        for (int i = 0; i < TRIES; i++) {
            Path directory = copy();
            long synced = BOUNDARIES.get(random.nextInt(BOUNDARIES.size() - 1));
            long lost = random.nextLong(synced, end);
            change(last(directory), memory -> {
                reboot(memory, last(directory), synced);
                memory.asSlice(lost, random.nextLong(1, end - lost + 1)).fill((byte) 0);
            });
            try (Journal journal = TestJournal.open(directory)) {
                List<Event> found = TestJournal.events(journal);
                AuditEvent notice = (AuditEvent) found.getLast();
                assertThat(notice.action()).isEqualTo(JournalEvents.POWER_CUT);
                int kept = found.size() - 1;
                assertThat(notice.parameters()).containsEntry("last_sequence", Integer.toString(kept));
                assertThat(found.subList(0, kept)).as("seed " + seed).isEqualTo(APPENDED.subList(0, kept));
            }
            delete(directory);
        }
    }

    @Test
    void aPowerCutExcusesNoDamageOfWhatWasOnTheDisk() throws IOException {
        Path directory = copy();
        change(last(directory), memory -> {
            reboot(memory, last(directory), end);
            memory.asSlice(end - 600, 16).fill((byte) 0);
        });
        assertThatThrownBy(() -> TestJournal.open(directory)).isInstanceOf(JournalDamage.class);
    }

    @Test
    void aSegmentMissingBetweenOthersIsReported() throws IOException {
        Path directory = copy();
        Files.delete(TestJournal.segments(directory).getFirst());
        try (Journal journal = TestJournal.open(directory)) {
            // The oldest may have been loaded and removed.
            assertThat(TestJournal.events(journal)).hasSizeLessThan(APPENDED.size());
        }
        Path other = copy();
        Path first = TestJournal.segments(other).getFirst();
        Files.copy(first, first.resolveSibling("0000000000000000.journal"));
        assertThatThrownBy(() -> TestJournal.open(other))
                .isInstanceOf(JournalDamage.class)
                .hasMessageContaining("it was written as segment 1");
    }

    private static void reboot(MemorySegment memory, Path file, long synced) {
        SegmentHeader header = SegmentHeader.read(memory, file);
        SegmentHeader.write(memory, header.journal(), header.number(), UUID.randomUUID(), 0);
        SegmentHeader.synced(memory, synced);
    }
}
