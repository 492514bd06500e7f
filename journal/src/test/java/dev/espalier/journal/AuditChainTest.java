package dev.espalier.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.groups.Tuple.tuple;

import dev.espalier.journal.Verification.Broken;
import dev.espalier.journal.Verification.Chain;
import dev.espalier.journal.Verification.Intact;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Someone who may do anything in the database changes the audit, and it shows. */
class AuditChainTest {

    private static final int ROWS = 20;
    private static final Duration DAY = Duration.ofDays(1);

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
    void writeRows() throws Exception {
        postgres.newMigratedDatabase();
        load(TestJournal.CLOCK, ROWS);
    }

    private void load(Clock clock, int rows) throws SQLException {
        load(clock, clock.instant(), rows);
    }

    private void load(Clock clock, Instant time, int rows) throws SQLException {
        postgres.timeHasGoneTo(clock.instant());
        try (Journal journal = Journal.open(TestJournal.settings(directory, Durability.STRICT), clock);
                Loader loader = Loader.start(journal, postgres.system(), new Retention(1, 2, 2), clock)) {
            long last = journal.lastSequence();
            for (int i = 0; i < rows; i++) {
                last = journal.append(Events.audit("action\t\"\\ \0 ž 🐎 " + i, time));
            }
            loader.awaitLoaded(last, TestJournal.DEADLINE);
        }
    }

    private static Clock after(Duration duration) {
        return Clock.fixed(Events.TIME.plus(duration), ZoneOffset.UTC);
    }

    private Verification verify() throws SQLException {
        return AuditChain.verify(postgres.system(), directory);
    }

    /** As a superuser who has taken the triggers away. */
    private static void tamper(String... commands) throws SQLException {
        postgres.execute("""
                DO $$
                DECLARE t regclass;
                BEGIN
                    FOR t IN SELECT relid FROM pg_partition_tree('journal.audit') LOOP
                        EXECUTE format('ALTER TABLE %s DISABLE TRIGGER refuse_change', t);
                    END LOOP;
                END $$""");
        postgres.execute(commands);
    }

    private void assertBrokenAt(long sequence) throws SQLException {
        assertThat(verify())
                .isInstanceOfSatisfying(
                        Broken.class,
                        broken -> assertThat(broken.chainSequence())
                                .as(broken.what())
                                .isEqualTo(sequence));
    }

    @Test
    void aChainThatNobodyHasTouchedIsIntact() throws Exception {
        assertThat(verify())
                .isInstanceOfSatisfying(
                        Intact.class,
                        intact -> assertThat(intact.chains())
                                .extracting(Chain::first, Chain::last, Chain::pinned)
                                .containsExactly(tuple(1L, (long) ROWS, true)));
        load(TestJournal.CLOCK, 5);
        assertThat(verify()).isInstanceOf(Intact.class);
    }

    @Test
    void everyOrdinaryChangeIsRefusedToEveryone() {
        for (String table : List.of("journal.audit", "journal.audit_20260825")) {
            for (String change : List.of(
                    "UPDATE " + table + " SET principal = 'eve'",
                    "DELETE FROM " + table,
                    "DELETE FROM " + table + " WHERE false",
                    "TRUNCATE " + table,
                    "MERGE INTO " + table + " a USING (SELECT 1) b ON true WHEN MATCHED THEN DELETE")) {
                assertThatThrownBy(() -> postgres.execute("SET session_replication_role = replica", change))
                        .as(change)
                        .hasMessageContaining("audit rows are append-only");
            }
        }
    }

    @Test
    void anEditOfAnySingleFieldIsFound() throws Exception {
        for (String column : postgres.rows("""
                SELECT attname FROM pg_attribute
                WHERE attrelid = 'journal.audit'::regclass AND attnum > 0 AND attgenerated = ''
                  AND attname NOT IN ('loaded_time', 'journal_id', 'chain_sequence')""")) {
            String value = switch (column) {
                case "journal_sequence", "status_code" -> column + " + 1";
                case "event_time" -> "event_time + interval '1 microsecond'";
                case "event_id" -> "gen_random_uuid()";
                case "chain_hash" -> "sha256(chain_hash)";
                case "request_params" -> "request_params || '{\"ttl\": 3600}'";
                default -> "CASE WHEN " + column + " IS NULL THEN '' ELSE " + column + " || ' ' END";
            };
            tamper(
                    "CREATE TABLE saved AS SELECT * FROM journal.audit",
                    "UPDATE journal.audit SET " + column + " = " + value + " WHERE chain_sequence = 7");
            assertThat(verify())
                    .as(column)
                    .isInstanceOfSatisfying(
                            Broken.class,
                            broken -> assertThat(broken.chainSequence()).isEqualTo(7));
            postgres.execute(
                    "UPDATE journal.audit a SET %1$s = s.%1$s FROM saved s WHERE a.chain_sequence = 7 AND s.chain_sequence = 7"
                            .formatted(column),
                    "DROP TABLE saved");
            assertThat(verify()).as(column + " is back").isInstanceOf(Intact.class);
        }
    }

    @Test
    void aDeletedRowIsFound() throws Exception {
        tamper("DELETE FROM journal.audit WHERE chain_sequence = 9");
        assertBrokenAt(9);
    }

    @Test
    void theFirstRowsMissingAreFound() throws Exception {
        tamper("DELETE FROM journal.audit WHERE chain_sequence < 4");
        assertBrokenAt(1);
    }

    @Test
    void swappedRowsAreFound() throws Exception {
        tamper("UPDATE journal.audit SET chain_sequence = 27 - chain_sequence WHERE chain_sequence IN (13, 14)");
        assertBrokenAt(13);
    }

    @Test
    void aRowThatIsThereTwiceIsFound() throws Exception {
        String columns = String.join(
                ", ",
                postgres.rows("SELECT attname FROM pg_attribute WHERE attrelid = 'journal.audit'::regclass "
                        + "AND attnum > 0 AND attgenerated = ''"));
        tamper("INSERT INTO journal.audit (" + columns + ") SELECT " + columns
                + " FROM journal.audit WHERE chain_sequence = 5");
        assertBrokenAt(5);
    }

    @Test
    void rowsMissingAtTheEndAreFoundEvenIfThePositionSaysTheSame() throws Exception {
        tamper("DELETE FROM journal.audit WHERE chain_sequence > 17");
        assertBrokenAt(18);
        postgres.execute("""
                UPDATE journal.position SET (chain_sequence, chain_hash) =
                    (SELECT chain_sequence, chain_hash FROM journal.audit WHERE chain_sequence = 17)""");
        assertBrokenAt(18);
    }

    @Test
    void allRowsMissingAreFound() throws Exception {
        tamper("TRUNCATE journal.audit", "DELETE FROM journal.position");
        assertBrokenAt(1);
    }

    @Test
    void aLoaderThatGoesOnBehindMissingRowsLeavesASign() throws Exception {
        tamper("DELETE FROM journal.audit WHERE chain_sequence > 17", """
                UPDATE journal.position SET (chain_sequence, chain_hash) =
                    (SELECT chain_sequence, chain_hash FROM journal.audit WHERE chain_sequence = 17)""");
        load(TestJournal.CLOCK, 5);
        assertBrokenAt(18);
        assertThat(postgres.query(
                        "SELECT request_params->>'expected_sequence' FROM access.audit WHERE chain_sequence = 18"))
                .isEqualTo("20");
    }

    @Test
    void rowsThatRetentionHasDroppedAreVouchedFor() throws Exception {
        load(after(DAY), 3);
        load(after(DAY.multipliedBy(3)), 3);

        assertThat(postgres.query("SELECT count(*) FROM access.audit WHERE event_date = '2026-08-25'"))
                .isEqualTo("0");
        assertThat(postgres.query("SELECT request_params->>'last_sequence' FROM access.audit "
                        + "WHERE action_name = 'dropAuditPartition'"))
                .isEqualTo("20");
        assertThat(verify())
                .isInstanceOfSatisfying(
                        Intact.class,
                        intact -> assertThat(intact.chains())
                                .extracting(Chain::first)
                                .containsExactly(21L));
        load(after(DAY.multipliedBy(10)), 3);
        assertThat(verify()).isInstanceOf(Intact.class);
    }

    @Test
    void rowsThatAreAsTheyWereWrittenAreCountedWhereSomeHaveBeenDroppedAndThereAreSeveralChains(@TempDir Path other)
            throws Exception {
        load(after(DAY), 3);
        load(after(DAY.multipliedBy(3)), 3);
        append(other, Events.audit("elsewhere", Events.TIME.plus(DAY.multipliedBy(3))));
        assertThat(postgres.rows("SELECT min(chain_sequence) FROM journal.audit GROUP BY journal_id ORDER BY 1"))
                .containsExactly("1", "21");
        long all = Long.parseLong(postgres.query("SELECT count(*) FROM journal.audit"));
        assertThat(verify())
                .isInstanceOfSatisfying(
                        Intact.class, intact -> assertThat(intact.rows()).isEqualTo(all));

        tamper("""
                UPDATE journal.audit SET result = 'edited' WHERE (journal_id, chain_sequence) =
                    (SELECT journal_id, chain_sequence FROM journal.audit ORDER BY 1 DESC, 2 DESC LIMIT 1)""");
        assertThat(verify())
                .isInstanceOfSatisfying(
                        Broken.class, broken -> assertThat(broken.rows()).isEqualTo(all - 1));
    }

    @Test
    void daysThatAreMixedAroundMidnightAreVouchedForToo() throws Exception {
        load(after(DAY), 2);
        load(TestJournal.CLOCK, 2);
        load(after(DAY), 2);
        load(after(DAY.multipliedBy(3)), 1);
        assertThat(postgres.query("SELECT count(*) FROM access.audit WHERE action_name = 'dropAuditPartition'"))
                .isEqualTo("2");
        assertThat(verify()).isInstanceOf(Intact.class);
        tamper("DELETE FROM journal.audit WHERE chain_sequence = 22");
        assertBrokenAt(22);
    }

    @Test
    void rowsBetweenThoseThatRetentionHasDroppedAreMissedToo() throws Exception {
        load(after(DAY), 2);
        load(TestJournal.CLOCK, 2);
        load(after(DAY), 2);
        load(after(DAY.multipliedBy(3)), 1);
        tamper("DELETE FROM journal.audit WHERE chain_sequence IN (21, 22)");
        assertBrokenAt(21);
    }

    @Test
    void whatHasGoneStaysVouchedForWhenTheRowsThatSaidSoGo() throws Exception {
        // Stays between two runs that are gone, for longer than what says so.
        load(TestJournal.CLOCK, Events.TIME.plus(DAY.multipliedBy(20)), 1);
        load(TestJournal.CLOCK, 2);
        for (int day = 3; day < 9; day++) {
            load(after(DAY.multipliedBy(day)), 1);
            assertThat(verify()).as("day " + day).isInstanceOf(Intact.class);
        }
        assertThat(postgres.rows("""
                SELECT request_params->>'first_sequence' || '-' || (request_params->>'last_sequence')
                FROM access.audit
                WHERE action_name = 'dropAuditPartition' AND event_date = '2026-08-31'""")).containsExactlyInAnyOrder("1-20", "22-26");
        tamper("DELETE FROM journal.audit WHERE chain_sequence = 21");
        assertBrokenAt(21);
    }

    @Test
    void aNoticeOfAnEarlierVersionVouchesForWhatWentBeforeItToo() throws Exception {
        append(notice(Map.of("first_sequence", "11")));
        postgres.execute("DROP TABLE journal.audit_20260825");
        assertThat(verify()).isInstanceOf(Intact.class);
    }

    @Test
    void aNoticeVouchesForWhatItNamesAlone() throws Exception {
        append(notice(Map.of("first_sequence", "11", "joined", "true")));
        postgres.execute("DROP TABLE journal.audit_20260825");
        assertBrokenAt(1);
    }

    /** That the first rows have been dropped, up to the last. */
    private static AuditEvent notice(Map<String, String> more) throws SQLException {
        Map<String, String> parameters = new HashMap<>(more);
        parameters.put("journal_id", postgres.query("SELECT journal_id FROM journal.position"));
        parameters.put("last_sequence", Integer.toString(ROWS));
        parameters.put(
                "last_hash",
                postgres.query("SELECT encode(chain_hash, 'hex') FROM journal.audit WHERE chain_sequence = " + ROWS));
        return JournalEvents.of(JournalEvents.DROP_AUDIT_PARTITION, Events.TIME.plus(DAY), parameters);
    }

    private void append(AuditEvent event) {
        append(directory, event);
    }

    private static void append(Path journals, AuditEvent event) {
        try (Journal journal = TestJournal.open(journals);
                Loader loader = Loader.start(journal, postgres.system(), new Retention(1, 2, 2), TestJournal.CLOCK)) {
            loader.awaitLoaded(journal.append(event), TestJournal.DEADLINE);
        }
    }

    @Test
    void aPartitionDroppedByHandIsFound() throws Exception {
        load(after(DAY), 3);
        postgres.execute("DROP TABLE journal.audit_20260825");
        assertBrokenAt(1);
    }

    @Test
    void aChainWhoseJournalIsElsewhereIsCheckedButNotPinned(@TempDir Path elsewhere) throws Exception {
        assertThat(AuditChain.verify(postgres.system(), elsewhere))
                .isInstanceOfSatisfying(
                        Intact.class,
                        intact -> assertThat(intact.chains())
                                .extracting(Chain::pinned)
                                .containsExactly(false));
    }
}
