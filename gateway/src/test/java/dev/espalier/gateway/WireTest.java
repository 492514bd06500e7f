package dev.espalier.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.gateway.StatementRecord.Outcome;
import dev.espalier.testing.TestWait;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What clients may do by the protocol and drivers seldom do, and what becomes of the records then. */
class WireTest extends GatewayTest {

    private static final byte[] SYNC = WireClient.message('S');
    private static final short NONE = 0;

    private static byte[] parse(String name, String sql) {
        return WireClient.message('P', name, sql, NONE);
    }

    private static byte[] bind(String portal, String statement) {
        return WireClient.message('B', portal, statement, NONE, NONE, NONE);
    }

    private static byte[] execute(String portal) {
        return WireClient.message('E', portal, 0);
    }

    private static byte[] run(String sql) {
        return WireClient.bytes(parse("", sql), bind("", ""), execute(""));
    }

    @Test
    void aDeepPipelineIsAnsweredAndRecordedInOrder() throws Exception {
        try (WireClient client = WireClient.signedIn(gateway.port)) {
            byte[][] all = new byte[501][];
            for (int i = 0; i < 500; i++) {
                all[i] = run("SELECT " + i);
            }
            all[500] = SYNC;
            client.raw(all);
            assertThat(client.typesUntil('Z')).isEqualTo("12DC".repeat(500) + "Z");
        }
        assertThat(texts()).hasSize(500).startsWith("SELECT 0", "SELECT 1").endsWith("SELECT 499");
    }

    @Test
    void aMessageThatComesByteForByteIsTheSameMessage() throws Exception {
        try (WireClient client = WireClient.signedIn(gateway.port)) {
            for (byte one : WireClient.bytes(run("SELECT 'slowly'"), SYNC, WireClient.message('Q', "SELECT 2"))) {
                client.raw(new byte[] {one});
            }
            client.until('Z');
            client.until('Z');
        }
        assertThat(texts()).containsExactly("SELECT 'slowly'", "SELECT 2");
    }

    @Test
    void anErrorSkipsToSyncAndOnlyWhatRanIsRecorded() throws Exception {
        try (WireClient client = WireClient.signedIn(gateway.port)) {
            client.raw(run("SELECT 1"), run("SELECT 1/0"), run("SELECT 3"), SYNC, run("SELECT 4"), SYNC);
            assertThat(client.typesUntil('Z')).isEqualTo("12DC1EZ");
            assertThat(client.typesUntil('Z')).isEqualTo("12DCZ");
            // What comes after the error was answered is skipped as well.
            client.raw(run("SELECT 5/0"), WireClient.message('H'));
            client.until('E');
            client.raw(run("SELECT 6"), WireClient.message('Q', "SELECT 7"), SYNC);
            client.until('Z');
            client.raw(run("SELECT 8"), SYNC);
            client.until('Z');
        }
        assertThat(texts()).containsExactly("SELECT 1", "SELECT 1/0", "SELECT 4", "SELECT 5/0", "SELECT 8");
    }

    /** Read with other quotes it is two statements. */
    @Test
    void aTextThatIsSentAheadIsRecordedAsTheServerReadsIt() throws Exception {
        String text = "SELECT 'a\\', '; SELECT 2; --'";
        try (WireClient client = WireClient.signedIn(gateway.port)) {
            client.raw(
                    WireClient.message('Q', "SET standard_conforming_strings = off"),
                    WireClient.message('Q', text),
                    WireClient.message('Q', "SET standard_conforming_strings = on"),
                    WireClient.message('Q', text),
                    run("SET standard_conforming_strings = off"),
                    run("SELECT 'a\\', '"),
                    SYNC);
            for (int i = 0; i < 5; i++) {
                client.until('Z');
            }
        }
        assertThat(statements())
                .extracting(StatementRecord::type)
                .containsExactly("SET", "OTHER", "OTHER", "SET", "SELECT", "SET", "OTHER");
        assertThat(texts().get(1)).startsWith("with escapes: " + text);
        assertThat(texts().get(4)).isEqualTo(text);
        // What has run before it without a Sync may have changed that: it is one of the two.
        assertThat(texts().getLast())
                .isEqualTo("SELECT 'a\\', ' -- or with other quotes: with escapes: SELECT 'a\\', '");
    }

    @Test
    void aStatementsNameMeansWhatTheServerHasUnderIt() throws Exception {
        try (WireClient client = WireClient.signedIn(gateway.port)) {
            client.raw(parse("s", "SELECT 'first'"), SYNC);
            client.until('Z');
            // The name is taken: this Parse fails and what follows is skipped, so the name still means the first.
            client.raw(parse("s", "SELECT 'second'"), bind("", "s"), execute(""), SYNC);
            client.until('Z');
            client.raw(bind("", "s"), execute(""), SYNC);
            client.until('Z');
            client.raw(
                    WireClient.message('C', new byte[] {'S'}, "s"),
                    parse("s", "SELECT 'third'"),
                    bind("", "s"),
                    execute(""),
                    SYNC);
            client.until('Z');
        }
        assertThat(texts()).containsExactly("SELECT 'second'", "SELECT 'first'", "SELECT 'third'");
        assertThat(statements().get(0).outcome()).isInstanceOf(Outcome.Failed.class);
    }

    @Test
    void whatIsPreparedIsRecordedWithItsTextWhateverWasPreparedSince() throws Exception {
        String hidden = "SELECT 'hidden', '" + "x".repeat(900_000) + "'";
        try (WireClient client = WireClient.signedIn(gateway.port)) {
            client.raw(parse("short", "SELECT 'short'"), parse("long", hidden), parse("used", "SELECT 'used'"), SYNC);
            client.until('Z');
            for (int i = 0; i < 6; i++) {
                client.raw(
                        bind("", "used"),
                        execute(""),
                        parse("other " + i, "SELECT '" + "y".repeat(900_000) + "'"),
                        SYNC);
                client.until('Z');
            }
            gateway.ports.forget();
            for (String name : List.of("short", "long", "used")) {
                client.raw(bind("", name), execute(""), SYNC);
                client.until('Z');
            }
            assertThat(statements()).extracting(StatementRecord::type).containsExactly("SELECT", "SELECT", "SELECT");
            assertThat(texts().getFirst()).isEqualTo("SELECT 'short'");
            assertThat(texts().get(1))
                    .hasSizeBetween(1_024, 1_300)
                    .startsWith("SELECT 'hidden', 'xxx")
                    .contains("the first of 900019 characters, SHA-256 of all");
            assertThat(statements().get(1).truncated()).isTrue();
            assertThat(texts().getLast()).isEqualTo("SELECT 'used'");
        }
    }

    @Test
    void whoPreparesMoreThanCanBeRememberedIsEnded() throws Exception {
        String text = "SELECT '" + "x".repeat(1_000) + "'";
        try (WireClient client = WireClient.signedIn(gateway.port)) {
            int i = 0;
            List<WireClient.Message> answers;
            do {
                byte[][] some = new byte[101][];
                for (int n = 0; n < 100; n++) {
                    some[n] = parse("s" + i++, text);
                }
                some[100] = SYNC;
                client.raw(some);
                answers = client.answers();
            } while (answers.getLast().type() == 'Z' && i < 20_000);
            assertThat(answers.getLast().field('C')).isEqualTo("54000");
            assertThat(i).isGreaterThan(3_000);
        }
    }

    @Test
    void namesPreparedInSqlAreKnownToBind() throws Exception {
        try (WireClient client = WireClient.signedIn(gateway.port)) {
            client.raw(parse("s", "SELECT 'innocent'"), SYNC);
            client.until('Z');
            client.send('Q', "DEALLOCATE s; PREPARE s AS SELECT 'guilty'");
            client.until('Z');
            client.raw(bind("", "s"), execute(""), SYNC);
            client.until('Z');
        }
        assertThat(texts().getLast()).isEqualTo("PREPARE s AS SELECT 'guilty'");
    }

    @Test
    void portalsSideBySideKeepTheirStatements() throws Exception {
        try (WireClient client = WireClient.signedIn(gateway.port)) {
            client.raw(
                    WireClient.message('Q', "BEGIN"),
                    parse("a", "SELECT generate_series(1, 3)"),
                    parse("b", "SELECT 'b'"),
                    bind("pa", "a"),
                    bind("pb", "b"),
                    WireClient.message('E', "pa", 2),
                    execute("pb"),
                    execute("pa"),
                    SYNC);
            client.until('Z');
            assertThat(client.typesUntil('Z')).isEqualTo("1122DDsDCDCZ");
        }
        assertThat(statements()).extracting(StatementRecord::number).containsExactly(1L, 2L, 3L, 2L);
        assertThat(statements()).extracting(StatementRecord::part).containsExactly(1, 1, 1, 2);
        assertThat(statements()).extracting(StatementRecord::rows).containsExactly(0L, 2L, 1L, 1L);
    }

    @Test
    void aCursorLeavesOtherPortalsTheirStatements() throws Exception {
        try (WireClient client = WireClient.signedIn(gateway.port)) {
            client.raw(
                    WireClient.message('Q', "BEGIN"),
                    parse("s", "SELECT 'bound before'"),
                    bind("p", "s"),
                    bind("q", "s"),
                    SYNC,
                    WireClient.message('Q', "DECLARE c CURSOR FOR SELECT 1"),
                    WireClient.message('Q', "CLOSE c"),
                    WireClient.message('Q', "CLOSE q"),
                    execute("p"),
                    execute("q"),
                    SYNC);
            for (int i = 0; i < 6; i++) {
                client.until('Z');
            }
        }
        assertThat(texts())
                .containsExactly(
                        "BEGIN",
                        "DECLARE c CURSOR FOR SELECT 1",
                        "CLOSE c",
                        "CLOSE q",
                        // Of q, which nobody has executed.
                        "SELECT 'bound before'",
                        "SELECT 'bound before'",
                        "a portal that was declared out of sight");
    }

    @Test
    void copyInTheExtendedProtocolPassesOverSync() throws Exception {
        try (WireClient client = WireClient.signedIn(gateway.port)) {
            client.send('Q', "CREATE TEMP TABLE t (a int)");
            client.until('Z');
            // As libpq: Sync right behind Execute, which the server passes over, and one more at the end.
            client.raw(run("COPY t FROM STDIN"), SYNC);
            client.until('G');
            client.raw(WireClient.message('d', "1\n".getBytes()), WireClient.message('c'), SYNC);
            assertThat(client.typesUntil('Z')).isEqualTo("CZ");
            client.raw(run("COPY t FROM STDIN"), SYNC);
            client.until('G');
            client.raw(
                    WireClient.message('d', "x\n".getBytes()), SYNC,
                    WireClient.message('f', "never mind"), SYNC);
            client.until('E');
            client.until('Z');
            client.raw(run("SELECT count(*) FROM t"), SYNC);
            assertThat(client.typesUntil('Z')).isEqualTo("12DCZ");
        }
        assertThat(statements()).extracting(StatementRecord::type).containsExactly("CREATE", "COPY", "COPY", "SELECT");
        assertThat(statements()).extracting(StatementRecord::rows).containsExactly(0L, 1L, 0L, 1L);
    }

    @Test
    void copyDataSentAheadIsTaken() throws Exception {
        try (WireClient client = WireClient.signedIn(gateway.port)) {
            client.raw(
                    WireClient.message('Q', "CREATE TEMP TABLE t (a int)"),
                    WireClient.message('Q', "COPY t FROM STDIN"),
                    WireClient.message('d', "1\n2\n".getBytes()),
                    WireClient.message('c'),
                    WireClient.message('Q', "SELECT 1; COPY t FROM STDIN; SELECT 2"),
                    WireClient.message('d', "3\n".getBytes()),
                    WireClient.message('c'));
            client.until('Z');
            client.until('Z');
            client.until('Z');
        }
        assertThat(statements()).extracting(StatementRecord::rows).containsExactly(0L, 2L, 1L, 1L, 1L);
    }

    @Test
    void copyDataSentAheadForTwoCopiesOfOneTextIsTakenByEach() throws Exception {
        byte[] row = WireClient.message('d', "1\n".getBytes());
        byte[] end = WireClient.message('c');
        try (WireClient client = WireClient.signedIn(gateway.port)) {
            client.raw(
                    WireClient.message('Q', "CREATE TEMP TABLE t (a int)"),
                    WireClient.message('Q', "COPY t FROM STDIN; COPY t FROM STDIN"),
                    row,
                    end,
                    row,
                    end,
                    end,
                    SYNC,
                    WireClient.message('Q', "SELECT 1"));
            for (int i = 0; i < 4; i++) {
                client.until('Z');
            }
        }
        assertThat(statements()).extracting(StatementRecord::rows).containsExactly(0L, 1L, 1L, 1L);
    }

    /** lo_creat(mode), lowrite(descriptor, bytes) and version(), as libpq calls them. */
    @Test
    void functionCallsOfLargeObjectsRunInTheirPlaceAndOthersAreRefused() throws Exception {
        try (WireClient client = WireClient.signedIn(gateway.port)) {
            client.raw(
                    run("SELECT 1"),
                    SYNC,
                    WireClient.message('F', functionCall(957, number(-1))),
                    WireClient.message('Q', "SELECT 2"),
                    WireClient.message('F', functionCall(955, number(7), new byte[100_000])),
                    WireClient.message('F', functionCall(89)),
                    WireClient.message('Q', "SELECT 3"));
            client.until('Z');
            assertThat(client.typesUntil('Z')).isEqualTo("VZ");
            assertThat(client.typesUntil('Z')).isEqualTo("TDCZ");
            assertThat(client.until('Z').getFirst().field('M')).contains("invalid large-object descriptor: 7");
            var refused = client.until('Z');
            assertThat(refused.getFirst().field('C')).isEqualTo("0A000");
            assertThat(refused.getFirst().field('M')).contains("FunctionCall message is refused");
            assertThat(client.typesUntil('Z')).isEqualTo("TDCZ");
        }
        assertThat(texts())
                .containsExactly(
                        "SELECT 1",
                        "FunctionCall lo_creat(-1)",
                        "SELECT 2",
                        "FunctionCall lowrite(7, 100000 bytes)",
                        "FunctionCall OID 89()",
                        "SELECT 3");
        assertThat(statements().get(1).rows()).isEqualTo(1);
    }

    @Test
    void aFunctionCallThatIsTooLargeToBeHeldEndsTheSession() throws Exception {
        try (WireClient client = WireClient.signedIn(gateway.port)) {
            client.raw(WireClient.message('F', functionCall(955, number(7), new byte[2_000_000])));
            assertThat(client.until('E').getLast().field('C')).isEqualTo("54000");
        }
    }

    private static byte[] number(int value) {
        return ByteBuffer.allocate(Integer.BYTES).putInt(value).array();
    }

    private static byte[] functionCall(int oid, byte[]... arguments) {
        int bytes = Arrays.stream(arguments)
                .mapToInt(argument -> Integer.BYTES + argument.length)
                .sum();
        ByteBuffer body = ByteBuffer.allocate(Integer.BYTES + 4 * Short.BYTES + bytes);
        body.putInt(oid).putShort((short) 1).putShort((short) 1).putShort((short) arguments.length);
        for (byte[] argument : arguments) {
            body.putInt(argument.length).put(argument);
        }
        return body.putShort((short) 1).array();
    }

    @Test
    void aLargeStatementRunsInFullAndItsTextIsCut() throws Exception {
        String large = "SELECT length('" + "x".repeat(5_000_000) + "')";
        try (WireClient client = WireClient.signedIn(gateway.port)) {
            client.send('Q', large);
            assertThat(client.until('Z').get(1).text()).contains("5000000");
            client.raw(run(large), SYNC);
            client.until('Z');
        }
        assertThat(statements()).hasSize(2).allSatisfy(record -> {
            assertThat(record.truncated()).isTrue();
            assertThat(record.text()).hasSizeBetween(1_000_000, 1_100_000).startsWith("SELECT length('xxx");
            assertThat(record.bytesFromClient()).isGreaterThan(5_000_000);
            assertThat(record.text())
                    .matches("(?s).*… \\(the first 104857\\d of " + large.length() + " bytes, SHA-256 of all: "
                            + sha256(large) + "\\)");
        });
    }

    private static String sha256(String text) throws NoSuchAlgorithmException {
        return HexFormat.of()
                .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void aCommitBySyncThatFailsIsRecorded() throws Exception {
        try (WireClient client = WireClient.signedIn(gateway.port)) {
            client.send('Q', "CREATE TEMP TABLE t (a int PRIMARY KEY DEFERRABLE INITIALLY DEFERRED)");
            client.until('Z');
            client.raw(run("INSERT INTO t VALUES (1), (1)"), SYNC);
            assertThat(client.typesUntil('Z')).isEqualTo("12CEZ");
        }
        assertThat(statements().getLast().type()).isEqualTo("COMMIT");
        assertThat(statements().getLast().outcome())
                .isInstanceOfSatisfying(
                        Outcome.Failed.class,
                        failed -> assertThat(failed.sqlState()).isEqualTo("23505"));
    }

    @Test
    void anEmptyStatementIsAnswered() throws Exception {
        try (WireClient client = WireClient.signedIn(gateway.port)) {
            client.send('Q', " ;; ");
            assertThat(client.typesUntil('Z')).isEqualTo("IZ");
            client.raw(run(""), SYNC);
            assertThat(client.typesUntil('Z')).isEqualTo("12IZ");
        }
        assertThat(statements()).extracting(StatementRecord::type).containsExactly("EMPTY", "EMPTY");
    }

    @Test
    void aClientThatClosesItsSideStillReadsTheAnswer() throws Exception {
        try (WireClient client = WireClient.signedIn(gateway.port)) {
            client.raw(WireClient.message('Q', "SELECT pg_sleep(0.2)"));
            client.socket().shutdownOutput();
            assertThat(client.typesUntil('Z')).isEqualTo("TDCZ");
            assertThat(client.untilEnd()).isEmpty();
        }
        TestWait.until("signed out", () -> gateway.ports.sessions.size() == 2);
    }

    @Test
    void version32GetsALongCancelKeyAndVersion30AShortOne() throws Exception {
        try (WireClient old = WireClient.connect(gateway.port);
                WireClient recent = WireClient.connect(gateway.port)) {
            assertThat(keyAfterSignIn(old, 3 << 16)).hasSize(8);
            assertThat(keyAfterSignIn(recent, 3 << 16 | 2)).hasSize(36);
        }
    }

    private static byte[] keyAfterSignIn(WireClient client, int version) throws Exception {
        client.startup(version);
        client.expect('R');
        client.send('p', TestPorts.PASSWORD);
        return client.until('Z').stream()
                .filter(message -> message.type() == 'K')
                .findFirst()
                .orElseThrow()
                .body();
    }

    @Test
    void aLongKeyCancelsAndAWrongOneDoesNot() throws Exception {
        try (WireClient client = WireClient.connect(gateway.port)) {
            byte[] key = keyAfterSignIn(client, 3 << 16 | 2);
            client.send('Q', "SELECT pg_sleep(60)");
            awaitActive();
            byte[] wrong = key.clone();
            wrong[wrong.length - 1] ^= 1;
            cancel(wrong);
            awaitActive();
            cancel(key);
            assertThat(client.until('Z').stream().filter(message -> message.type() == 'E'))
                    .singleElement()
                    .satisfies(error -> assertThat(error.field('C')).isEqualTo("57014"));
        }
    }

    private void awaitActive() {
        TestWait.until(
                "ann's statement runs",
                () -> postgres.value("SELECT count(*) FROM pg_stat_activity WHERE usename = 'ann' AND state = 'active'")
                        .equals("1"));
    }

    private void cancel(byte[] key) throws Exception {
        try (WireClient request = WireClient.connect(gateway.port)) {
            request.raw(WireClient.bytes(key.length + 8, 1234 << 16 | 5678, key));
            assertThat(request.untilEnd()).isEmpty();
        }
    }

    @Test
    void theProcessIdOfAKeyIsTheBackendsAsClientsExpect() throws Exception {
        try (WireClient client = WireClient.connect(gateway.port)) {
            byte[] key = keyAfterSignIn(client, 3 << 16);
            client.send('Q', "SELECT pg_backend_pid()");
            int pid = Integer.parseInt(client.until('Z').get(1).text().replaceAll("\\D", ""));
            assertThat(ByteBuffer.wrap(key).getInt()).isEqualTo(pid);
        }
    }

    @Test
    void unknownMinorVersionsAndOptionsAreNegotiated() throws Exception {
        try (WireClient client = WireClient.connect(gateway.port)) {
            client.startup(3 << 16 | 9999, "_pq_.command_tag", "on");
            ByteBuffer answer = ByteBuffer.wrap(client.expect('v').body());
            assertThat(answer.getInt()).isEqualTo(3 << 16 | 2);
            assertThat(answer.getInt()).isEqualTo(1);
            client.expect('R');
            client.send('p', TestPorts.PASSWORD);
            client.until('Z');
        }
    }

    /** Code on the server may put a statement under a name, and nobody sees it. */
    @Test
    void whatRanUnderTheNameOfAnotherStatementIsNotRecordedAsThatOne() throws Exception {
        postgres.execute("catalog", "CREATE TABLE IF NOT EXISTS named (a int)", "GRANT ALL ON named TO ann");
        try (WireClient client = WireClient.signedIn(gateway.port)) {
            client.raw(WireClient.message('P', "x", "SELECT 1", (short) 0), WireClient.message('S'));
            client.until('Z');
            client.send('Q', "DO 'BEGIN EXECUTE ''DEALLOCATE x''; EXECUTE ''PREPARE x AS DELETE FROM named''; END'");
            client.until('Z');
            client.raw(
                    WireClient.message('B', "", "x", (short) 0, (short) 0, (short) 0),
                    WireClient.message('E', "", 0),
                    WireClient.message('S'));
            assertThat(client.typesUntil('Z')).isEqualTo("2CZ");
        }
        assertThat(statements().getLast()).satisfies(record -> {
            assertThat(record.text())
                    .isEqualTo("a statement that was prepared out of sight, in the place of: SELECT 1");
            assertThat(record.type()).isEqualTo("OTHER");
            assertThat(record.parsed()).isFalse();
            assertThat(record.changes()).isTrue();
            assertThat(record.outcome()).isEqualTo(new StatementRecord.Outcome.Completed("DELETE 0"));
        });
    }
}
