package dev.espalier.journal;

import dev.espalier.testing.TestWait;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A process that appends and loads until it is killed, and writes down what it has been promised. */
final class KilledAppender {

    private static final int THREADS = 2;

    private KilledAppender() {}

    /** @param arguments the journal's directory, that of PostgreSQL, the file to write down to, the name of the run */
    public static void main(String[] arguments) {
        Journal journal = TestJournal.open(Path.of(arguments[0]));
        Loader.start(journal, TestPostgres.system(Path.of(arguments[1])), Retention.DEFAULT, TestJournal.CLOCK);
        for (int t = 0; t < THREADS; t++) {
            String name = arguments[3] + "-" + t + "-";
            Path promised = Path.of(arguments[2] + "." + t);
            Thread.ofPlatform().start(() -> append(journal, name, promised));
        }
        System.out.println("appending");
    }

    private static void append(Journal journal, String name, Path promised) {
        try (FileChannel file = FileChannel.open(promised, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            for (int i = 0; ; i++) {
                if (i % 50 == 0) {
                    journal.append(Events.audit(name + i));
                } else if (i % 25 == 0) {
                    journal.append(Events.usage(name + i));
                } else {
                    journal.append(Events.statement(name + i, "SELECT ".repeat(1 + i % 3_000)));
                }
                file.write(ByteBuffer.wrap((name + i + "\n").getBytes(StandardCharsets.UTF_8)));
                if (i % 100 == 0) {
                    // So that the journal does not reach its limit before this is killed.
                    awaitLoader(journal);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void awaitLoader(Journal journal) {
        TestWait.until(
                "the loader follows",
                () -> TestJournal.segments(journal.directory()).size() < 8);
    }
}
