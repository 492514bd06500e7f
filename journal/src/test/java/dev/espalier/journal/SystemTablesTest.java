package dev.espalier.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is appended is what SQL answers. */
class SystemTablesTest {

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

    private void load(Event... events) {
        try (Journal journal = TestJournal.open(directory);
                Loader loader = Loader.start(journal, postgres.system(), Retention.DEFAULT, TestJournal.CLOCK)) {
            long last = 0;
            for (Event event : events) {
                last = journal.append(event);
            }
            loader.awaitLoaded(last, TestJournal.DEADLINE);
        }
    }

    @Test
    void aStatementIsARowOfTheHistory() throws Exception {
        load(Events.statement("s-1", "SELECT 'a\tb\\c'\r\n, NULL, '\0'"));

        assertThat(postgres.query("""
                        SELECT concat_ws('|', statement_id, executed_by, executed_as, statement_text, execution_status,
                            total_duration_ms, execution_duration_ms, result_fetch_duration_ms, cpu_time_ns,
                            produced_rows, (compute).type, (compute).endpoint_id, query_tags->>'agent', claims->>'traceparent',
                            branch_name, client_application, bytes_to_client)
                        FROM system.query.history"""))
                .isEqualTo(
                        "s-1|ann@example.com|ann@example.com|SELECT 'a\tb\\c'\r\n, NULL, '\uFFFD'|FINISHED|2|1|1|1234567|3"
                                + "|ENDPOINT|ep-1|claude|00-1|feature-x|psql|450");
        assertThat(postgres.query("SELECT to_char(start_time AT TIME ZONE 'UTC', 'HH24:MI:SS.US') FROM query.history"))
                .isEqualTo("04:00:00.123456");
    }

    @Test
    void rowsCountAsProducedOrWrittenByWhatTheStatementDid() throws Exception {
        // Each statement with three rows. A part of what is fetched in parts, and what came before an error, have no
        // tag.
        String expected = """
                SELECT 1 | SELECT | SELECT 3 | 3 | -
                SELECT 1 | SELECT |  | 3 | -
                FETCH 3 FROM c | FETCH | FETCH 3 | 3 | -
                MOVE 3 FROM c | FETCH | MOVE 3 | - | -
                INSERT INTO t SELECT 1 | INSERT | INSERT 0 3 | - | 3
                INSERT INTO t SELECT 1 | INSERT |  | - | -
                EXECUTE p | EXECUTE |  | 3 | -
                EXECUTE p | EXECUTE | DELETE 3 | - | 3
                CREATE TABLE t AS SELECT 1 | CREATE | SELECT 3 | - | 3
                SELECT 1 INTO t | CREATE | SELECT 3 | - | 3
                CREATE TABLE t () | CREATE | CREATE TABLE | - | -
                COPY t FROM STDIN | COPY | COPY 3 | - | 3
                COPY t FROM STDIN | COPY |  | - | -
                COPY photo FROM STDIN | COPY | COPY 3 | - | 3
                copy binary "to"."a ""b" ("to", b) from stdin | COPY | COPY 3 | - | 3
                 Copy public.gefäß(a) To STDOUT | COPY | COPY 3 | 3 | -
                COPY t TO STDOUT | COPY |  | 3 | -
                COPY (SELECT * FROM t) TO STDOUT | COPY | COPY 3 | 3 | -
                COPY /* from */ t TO STDOUT | COPY | COPY 3 | - | -""";
        List<StatementEvent> events = new ArrayList<>();
        for (String line : expected.lines().toList()) {
            String[] part = line.split(" \\| ");
            events.add(Events.statement(
                    "s-%02d".formatted(events.size()), part[0], Events.TIME, part[1], part[2].strip()));
        }
        load(events.toArray(Event[]::new));

        assertThat(postgres.rows("""
                        SELECT concat_ws(' | ', statement_text, statement_type, coalesce(command_tag, ''),
                            coalesce(produced_rows::text, '-'), coalesce(written_rows::text, '-'))
                        FROM query.history ORDER BY statement_id""")).isEqualTo(expected.lines().toList());
    }

    @Test
    void anActionIsARowOfTheAudit() throws Exception {
        load(Events.audit("createBranch"));

        assertThat(postgres.query("""
                        SELECT concat_ws('|', service_name, action_name, (user_identity).email, (response).status_code,
                            (response).error_message, request_params->>'branch_id', (identity_metadata).run_by, audit_level,
                            event_date, source_ip_address, user_agent, project_name)
                        FROM system.access.audit"""))
                .isEqualTo("lakebase|createBranch|ann@example.com|403|not allowed|feature-x|claude|WORKSPACE_LEVEL"
                        + "|2026-08-25|10.0.0.7|psql|shop");
    }

    @Test
    void oneQuerySaysWhichAgentOnWhichBranchBurnedTheCpu() throws Exception {
        load(Events.statement("s-1", "SELECT 1"), Events.statement("s-2", "SELECT 2"));

        assertThat(postgres.query("""
                        SELECT agent || ' on ' || branch_name || ': ' || sum(cpu_time_ns)
                        FROM system.query.history
                        WHERE start_time BETWEEN '2026-08-25 04:00Z' AND '2026-08-25 04:15Z'
                        GROUP BY agent, branch_name
                        ORDER BY sum(cpu_time_ns) DESC""")).isEqualTo("claude on feature-x: 2469134");
    }

    @Test
    void aConditionOnTheDateReadsOnePartition() throws Exception {
        load(Events.statement("s-1", "SELECT 1"), Events.audit("createBranch"));

        assertThat(postgres.rows("EXPLAIN SELECT * FROM access.audit WHERE event_date = '2026-08-25'"))
                .filteredOn(line -> line.contains(" on audit_"))
                .hasSize(1);
        assertThat(postgres.rows("EXPLAIN SELECT * FROM query.history WHERE start_date = '2026-08-25'"))
                .filteredOn(line -> line.contains(" on statement_"))
                .hasSize(1);
    }

    @Test
    void statementsOfOneSessionShareARowOfWhatTheyHaveInCommon() throws Exception {
        load(Events.statement("s-1", "SELECT 1"), Events.statement("s-2", "SELECT 2"));
        load(Events.statement("s-3", "SELECT 3"));

        assertThat(postgres.query("SELECT count(*) FROM journal.origin")).isEqualTo("2");
        assertThat(postgres.query("SELECT count(*) || ' ' || count(DISTINCT session_id) FROM query.history"))
                .isEqualTo("3 1");
    }

    @Test
    void whatAnOlderVersionRecordedIsAnsweredAsBefore() throws Exception {
        postgres.newDatabase();
        Flyway.configure()
                .dataSource(postgres.system())
                .locations("classpath:dev/espalier/journal/migrations")
                .schemas("journal")
                .table("migrations")
                .target("2")
                .load()
                .migrate();
        for (String day : List.of("2026-08-24", "2026-08-25")) {
            String partition = "statement_" + day.replace("-", "");
            postgres.execute(
                    "CREATE TABLE journal.%s PARTITION OF journal.statement (CHECK (start_date = DATE '%s')) "
                                    .formatted(partition, day)
                            + "FOR VALUES FROM ('%s 00:00:00+00') TO ('%s 24:00:00+00')".formatted(day, day),
                    """
                    INSERT INTO journal.statement (journal_id, journal_sequence, start_time, statement_id, principal, agent,
                        branch_name, statement_text, truncated, parsed, duration_ns, first_row_ns, cpu_time_ns, row_count,
                        bytes_to_client, bytes_from_client, claims)
                    SELECT '00000000-0000-0000-0000-000000000001', n, timestamptz '%s 04:00+00', 's-' || n,
                        'ann', CASE WHEN n %% 3 > 0 THEN 'agent ' || n %% 3 END, 'b', 'SELECT ' || n, false, true,
                        n, n, n, n, n, n, CASE WHEN n %% 2 = 0 THEN '{}' ELSE '{"a": "b"}' END::jsonb
                    FROM generate_series(1, 100) AS n""".formatted(day));
        }
        List<String> before = postgres.rows("SELECT h::text FROM query.history h ORDER BY 1");
        List<String> costs = postgres.rows("SELECT c::text FROM billing.cost_by_tool c ORDER BY 1");

        JournalSchema.migrate(postgres.system());

        assertThat(before).hasSize(200);
        assertThat(postgres.rows("SELECT h::text FROM query.history h ORDER BY 1"))
                .isEqualTo(before);
        assertThat(postgres.rows("SELECT c::text FROM billing.cost_by_tool c ORDER BY 1"))
                .isEqualTo(costs);
        assertThat(postgres.query("SELECT count(*) FROM journal.origin")).isEqualTo("6");
        load(Events.statement("s-new", "SELECT 1"));
        assertThat(postgres.query("SELECT count(*) FROM query.history")).isEqualTo("201");
    }

    @Test
    void migratingTwiceChangesNothing() {
        JournalSchema.migrate(postgres.system());
        load(Events.audit("createBranch"));
    }
}
