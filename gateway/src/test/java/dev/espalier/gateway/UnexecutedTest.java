package dev.espalier.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.gateway.StatementRecord.Outcome;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** PostgreSQL runs functions already when it plans a statement, and even when it parses one: no Execute is needed for that. */
class UnexecutedTest extends GatewayTest {

    private static final byte[] SYNC = WireClient.message('S');
    private static final short NONE = 0;

    private static byte[] parse(String name, String sql) {
        return WireClient.message('P', name, sql, NONE);
    }

    private static byte[] bind(String portal, String statement) {
        return WireClient.message('B', portal, statement, NONE, NONE, NONE);
    }

    private static byte[] execute(String portal, int rows) {
        return WireClient.message('E', portal, rows);
    }

    /** With a table, and a function that plans and checks can be made to run any statement with. */
    private WireClient withTable() throws IOException {
        WireClient client = WireClient.signedIn(gateway.port);
        client.send('Q', """
                CREATE TABLE gone ();
                CREATE FUNCTION pg_temp.runs(q text) RETURNS bool LANGUAGE plpgsql VOLATILE
                    AS 'BEGIN EXECUTE q; RETURN true; END';
                CREATE FUNCTION pg_temp.folds(q text) RETURNS bool LANGUAGE plpgsql IMMUTABLE
                    AS 'BEGIN PERFORM pg_temp.runs(q); RETURN true; END';
                CREATE DOMAIN pg_temp.checks AS text CHECK (pg_temp.runs(value))""");
        client.until('Z');
        gateway.ports.forget();
        return client;
    }

    private boolean isGone() throws Exception {
        return postgres.value("SELECT to_regclass('public.gone') IS NULL").equals("t");
    }

    @Test
    void whatIsBoundAndNeverExecutedIsRecordedBeforeTheClientHearsThatItIsCommitted() throws Exception {
        String text = "SELECT pg_temp.folds('DROP TABLE gone')";
        try (WireClient client = withTable()) {
            client.raw(parse("", text), bind("", ""), SYNC);
            assertThat(client.typesUntil('Z')).isEqualTo("12Z");
            assertThat(isGone()).isTrue();
            assertThat(statements()).singleElement().satisfies(record -> {
                assertThat(record.text()).isEqualTo(text);
                assertThat(record.outcome()).isEqualTo(new Outcome.Unexecuted("BIND"));
                assertThat(record.durationNanos()).isPositive();
            });
        }
    }

    @Test
    void whatIsParsedAndNeverBoundIsRecordedWhenItsNameIsUsedAgainOrTheSessionEnds() throws Exception {
        String text = "SELECT '{\"DROP TABLE gone\"}'::pg_temp.checks[]";
        try (WireClient client = withTable()) {
            client.raw(parse("", text), SYNC);
            assertThat(client.typesUntil('Z')).isEqualTo("1Z");
            assertThat(isGone()).isTrue();
            client.raw(parse("", "SELECT 'replaces it'"), parse("kept", "SELECT 'kept'"), SYNC);
            client.until('Z');
            assertThat(texts()).containsExactly(text);
            client.send('X');
            client.untilEnd();
        }
        nothingIsOpen();
        assertThat(texts()).containsExactly(text, "SELECT 'replaces it'", "SELECT 'kept'");
        assertThat(statements())
                .allSatisfy(record -> assertThat(record.outcome()).isEqualTo(new Outcome.Unexecuted("PARSE")));
    }

    @Test
    void whatGoesInAnyOtherWayWithoutAnExecuteIsRecordedToo() throws Exception {
        try (WireClient client = WireClient.signedIn(gateway.port)) {
            client.raw(
                    parse("s", "SELECT 's'"),
                    bind("closed", "s"),
                    WireClient.message('C', new byte[] {'P'}, "closed"),
                    parse("t", "SELECT 't'"),
                    bind("", "t"),
                    bind("", "s"),
                    parse("u", "SELECT 'u'"),
                    WireClient.message('C', new byte[] {'S'}, "u"),
                    parse("", "SELECT 1/0"),
                    bind("", ""),
                    execute("", 0),
                    SYNC);
            client.until('Z');
        }
        assertThat(texts()).containsExactly("SELECT 's'", "SELECT 't'", "SELECT 'u'", "SELECT 1/0", "SELECT 's'");
    }

    /** As drivers do: they describe before they bind, fetch in parts, and close what is not read to its end. */
    @Test
    void whatIsExecutedIsRecordedOnceForEachExecute() throws Exception {
        try (WireClient client = WireClient.signedIn(gateway.port)) {
            client.raw(
                    parse("s", "SELECT generate_series(1, 5)"),
                    WireClient.message('D', new byte[] {'S'}, "s"),
                    SYNC,
                    WireClient.message('Q', "BEGIN"),
                    bind("p", "s"),
                    WireClient.message('D', new byte[] {'P'}, "p"),
                    execute("p", 2),
                    SYNC,
                    execute("p", 2),
                    SYNC,
                    WireClient.message('C', new byte[] {'P'}, "p"),
                    WireClient.message('C', new byte[] {'S'}, "s"),
                    SYNC,
                    WireClient.message('Q', "COMMIT"),
                    WireClient.message('X'));
            client.untilEnd();
        }
        nothingIsOpen();
        assertThat(texts())
                .containsExactly("BEGIN", "SELECT generate_series(1, 5)", "SELECT generate_series(1, 5)", "COMMIT");
    }

    @Test
    void whatIsRunWithoutAnExecuteIsRecordedAsWhatMayHaveChangedSomething() throws Exception {
        try (WireClient client = withTable()) {
            client.raw(
                    WireClient.message('Q', "BEGIN"),
                    parse("s", "DROP TABLE gone"),
                    parse("f", "SELECT pg_temp.runs('CREATE TABLE fetched ()')"),
                    bind("p", "f"),
                    SYNC,
                    WireClient.message('Q', "FETCH ALL FROM p"),
                    WireClient.message('Q', "EXECUTE s"),
                    WireClient.message('Q', "COMMIT AND CHAIN"),
                    SYNC);
            for (int i = 0; i < 6; i++) {
                client.until('Z');
            }
            assertThat(isGone()).isTrue();
            assertThat(texts())
                    .containsExactly(
                            "BEGIN",
                            "FETCH ALL FROM p",
                            "EXECUTE s",
                            "COMMIT AND CHAIN",
                            "SELECT pg_temp.runs('CREATE TABLE fetched ()')");
            gateway.ports.forget();
            client.send('X');
            client.untilEnd();
        }
        nothingIsOpen();
        assertThat(statements())
                .filteredOn(record -> record.text().equals("DROP TABLE gone"))
                .singleElement()
                .satisfies(record -> assertThat(record.changes()).isTrue());
    }
}
