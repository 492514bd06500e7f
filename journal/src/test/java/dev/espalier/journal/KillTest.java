package dev.espalier.journal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.testing.TestWait;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A process that appends and loads is killed at any moment, again and again on the same journal, and PostgreSQL too: nothing
 * that was promised is lost, nothing is loaded twice, and the audit's chain is intact.
 */
class KillTest {

    private static final int LONGEST_LIFE_MS = 2_000;

    @TempDir
    Path directory;

    @TempDir
    Path postgresDirectory;

    private TestPostgres postgres;

    @BeforeEach
    void startPostgres() throws Exception {
        postgres = new TestPostgres(postgresDirectory);
        JournalSchema.migrate(postgres.system());
    }

    @AfterEach
    void stopPostgres() {
        postgres.close();
    }

    @Test
    void nothingPromisedIsLostOrLoadedTwice() throws Exception {
        killAndLook(6);
    }

    @Tag("heavy")
    @Test
    void nothingPromisedIsLostOrLoadedTwiceAHundredTimes() throws Exception {
        killAndLook(100);
    }

    private void killAndLook(int times) throws Exception {
        long seed = Long.getLong("espalier.seed", System.nanoTime());
        System.out.println("kills: -Despalier.seed=" + seed);
        Random random = new Random(seed);
        Path journalDirectory = directory.resolve("journal");
        for (int run = 0; run < times || promised().size() <= 100 * times; run++) {
            Path said = directory.resolve("said." + run);
            Process child = start(journalDirectory, said, "run" + run);
            try {
                TestWait.until("it appends", () -> Files.readString(said).contains("appending") || !child.isAlive());
                boolean databaseToo = random.nextInt(3) == 0;
                assertThat(child.waitFor(random.nextInt(LONGEST_LIFE_MS), TimeUnit.MILLISECONDS))
                        .as(Files.readString(said))
                        .isFalse();
                if (databaseToo) {
                    postgres.kill();
                }
            } finally {
                child.destroyForcibly().waitFor();
            }
            postgres.startIfStopped();
        }
        Set<String> promised = promised();
        try (Journal journal = TestJournal.open(journalDirectory);
                Loader loader = Loader.start(journal, postgres.system(), Retention.DEFAULT, TestJournal.CLOCK)) {
            loader.awaitLoaded(journal.lastSequence(), TestJournal.DEADLINE);
        }
        List<String> loaded = new ArrayList<>(postgres.rows("SELECT statement_id FROM query.history"));
        loaded.addAll(postgres.rows("SELECT action_name FROM access.audit"));
        loaded.addAll(postgres.rows("SELECT created_by FROM journal.usage"));
        System.out.println(promised.size() + " promised, " + loaded.size() + " loaded");
        assertThat(promised).hasSizeGreaterThan(100 * times);
        assertThat(loaded).doesNotHaveDuplicates().containsAll(promised);
        assertThat(postgres.query("""
                        SELECT count(*) = max(journal_sequence)
                        FROM (SELECT journal_sequence FROM journal.statement
                              UNION ALL SELECT journal_sequence FROM journal.audit
                              UNION ALL SELECT journal_sequence FROM journal.usage) AS events""")).isEqualTo("t");
        assertThat(AuditChain.verify(postgres.system(), journalDirectory)).isInstanceOf(Verification.Intact.class);
    }

    private Process start(Path journalDirectory, Path said, String name) throws Exception {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        KilledAppender.class.getName(),
                        journalDirectory.toString(),
                        postgresDirectory.toString(),
                        directory.resolve("promised." + name).toString(),
                        name)
                .redirectErrorStream(true)
                .redirectOutput(said.toFile())
                .start();
    }

    private Set<String> promised() throws Exception {
        Set<String> promised = new TreeSet<>();
        try (var files = Files.list(directory)) {
            for (Path file : files.filter(file -> file.getFileName().toString().startsWith("promised."))
                    .toList()) {
                String text = Files.readString(file);
                // The last line may have been cut short.
                promised.addAll(
                        text.substring(0, text.lastIndexOf('\n') + 1).lines().toList());
            }
        }
        return promised;
    }
}
