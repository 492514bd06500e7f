package dev.espalier.journal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.postgres.UnixSockets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Somebody reads for ever, and old rows go all the same. */
class UpkeepTest {

    private static final Instant LATER = Events.TIME.plus(Duration.ofDays(400));

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

    private static String days(String table) throws SQLException {
        return postgres.query("SELECT count(*) FROM pg_inherits WHERE inhparent = 'journal." + table
                + "'::regclass AND inhrelid::regclass::text LIKE '%_20260825'");
    }

    @Test
    void aReaderHoldsBackHisTableAloneAndNotForLongerThanItsPatience() throws Exception {
        JournalSchema.migrate(postgres.system());
        postgres.execute(
                "CREATE ROLE reader LOGIN",
                "GRANT USAGE ON SCHEMA journal TO reader",
                "GRANT SELECT ON journal.statement TO reader");
        try (Journal journal = TestJournal.open(directory);
                Loader loader = Loader.start(journal, postgres.system(), Retention.DEFAULT, TestJournal.CLOCK)) {
            journal.append(Events.statement("s-1", "SELECT 1"));
            journal.append(Events.usage("u-1"));
            loader.awaitLoaded(journal.append(Events.audit("a-1")), TestJournal.DEADLINE);
        }
        postgres.timeHasGoneTo(LATER);
        try (Journal journal = Journal.open(
                        TestJournal.settings(directory, Durability.STRICT), Clock.fixed(LATER, ZoneOffset.UTC));
                Connection reader = UnixSockets.dataSource(shared.resolve("run"), "system", "reader")
                        .getConnection();
                Connection connection = postgres.system().getConnection()) {
            reader.setAutoCommit(false);
            reader.createStatement().execute("SELECT FROM journal.statement LIMIT 1");
            connection.setAutoCommit(false);
            Partitions partitions = new Partitions();
            HeadFile headFile = new HeadFile(journal.directory(), journal.id());
            Upkeep.Begin begin =
                    session -> new Transfer(session, partitions, new Origins(), journal.id(), headFile, LATER);
            Upkeep patient = upkeep(partitions, Duration.ofHours(1));

            assertThat(patient.run(connection, LATER, begin)).isFalse();
            assertThat(patient.problems())
                    .anySatisfy(problem -> assertThat(problem)
                            .contains(
                                    "old partitions of journal.statement could not be made or dropped",
                                    "lock timeout"));
            assertThat(days("statement")).isEqualTo("1");
            assertThat(days("usage")).isEqualTo("0");
            assertThat(days("audit")).isEqualTo("0");
            assertThat(patient.run(connection, LATER, begin)).isFalse();
            assertThat(reader.isValid(30)).isTrue();

            Upkeep impatient = upkeep(partitions, Duration.ZERO);
            assertThat(impatient.run(connection, LATER, begin)).isFalse();
            assertThat(impatient.run(connection, LATER, begin)).isTrue();
            assertThat(impatient.problems()).isEmpty();
            assertThat(days("statement")).isEqualTo("0");
            assertThat(reader.isValid(1)).isFalse();
        }
        assertThat(AuditChain.verify(postgres.system(), directory)).isInstanceOf(Verification.Intact.class);
    }

    private static Upkeep upkeep(Partitions partitions, Duration patience) {
        return new Upkeep(partitions, Retention.DEFAULT, new RetentionClock(System::nanoTime), patience);
    }
}
