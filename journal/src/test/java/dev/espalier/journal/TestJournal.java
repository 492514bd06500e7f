package dev.espalier.journal;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;

/** Journals as the tests want them. */
final class TestJournal {

    static final Clock CLOCK = Clock.fixed(Events.TIME, ZoneOffset.UTC);
    static final Duration DEADLINE = Duration.ofSeconds(30);

    private TestJournal() {}

    static JournalSettings settings(Path directory, Durability durability) {
        return new JournalSettings(directory, durability, 4 << 20, 64 << 20, Duration.ofMillis(10));
    }

    static Journal open(Path directory) {
        return Journal.open(settings(directory, Durability.STRICT), CLOCK);
    }
}
