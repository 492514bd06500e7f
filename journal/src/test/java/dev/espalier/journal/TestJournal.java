package dev.espalier.journal;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.List;
import java.util.stream.Stream;

/** Journals as the tests want them. */
final class TestJournal {

    static final Clock CLOCK = Clock.fixed(Events.TIME, ZoneOffset.UTC);
    static final Duration DEADLINE = Duration.ofSeconds(30);
    static final int SEGMENT = 4 << 20;

    private TestJournal() {}

    /** Waits for a slow disk as long as a test does, so that no test depends on the disk's speed. */
    static JournalSettings settings(Path directory, Durability durability) {
        return new JournalSettings(directory, durability, SEGMENT, 64 << 20, Duration.ofMillis(10), DEADLINE);
    }

    static Journal open(Path directory) {
        return open(directory, Durability.STRICT);
    }

    static Journal open(Path directory, Durability durability) {
        return Journal.open(settings(directory, durability), CLOCK);
    }

    /** Everything that the journal still has. */
    static List<Event> events(Journal journal) {
        try (JournalReader reader = new JournalReader(journal.files())) {
            return reader
                    .read(reader.firstSequence(), journal.lastSequence(), Integer.MAX_VALUE, Long.MAX_VALUE)
                    .stream()
                    .map(JournalReader.Numbered::event)
                    .toList();
        }
    }

    /** What a kill of the process would leave: the files as they are, closed by nobody. */
    static Path killed(Path directory, Path copy) {
        try (Stream<Path> files = Files.list(directory)) {
            Files.createDirectories(copy);
            for (Path file : files.filter(file -> !file.toString().endsWith(".unfinished"))
                    .toList()) {
                Files.copy(file, copy.resolve(file.getFileName().toString()));
            }
            return copy;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static List<Path> segments(Path directory) {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.toString().endsWith(".journal"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
