package dev.espalier.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.testing.TestWait;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.PGConnection;
import org.postgresql.util.PSQLException;

/** Rules that hold for one session. */
class SessionRulesTest extends GatewayTest {

    private final AtomicInteger granted = new AtomicInteger();

    /** GRANT is carried out elsewhere, names of a schema are replaced, LISTEN is refused, details are hidden. */
    private final SessionRules rules = new SessionRules() {
        @Override
        public Sent sent(byte[] sql) {
            String text = new String(sql, StandardCharsets.UTF_8);
            if (text.startsWith("GRANT")) {
                return new Later(Work.ACTS, () -> {
                    granted.incrementAndGet();
                    return text.contains("nobody")
                            ? new Refused(new Refusal("42704", "there is no nobody", ""))
                            : new Instead("SELECT 'granted' AS answer");
                });
            }
            if (text.startsWith("LISTEN")) {
                return new Refused(new Refusal("42501", "it's not for you: $refused$", "Ask 'somebody'."));
            }
            return text.contains("app.item") ? new Instead(text.replace("app.item", "seen.item")) : new AsItIs();
        }

        @Override
        public boolean hidesDetails() {
            return true;
        }
    };

    @BeforeEach
    void ruled() throws SQLException {
        try (Connection connection = gateway.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE SCHEMA IF NOT EXISTS seen");
            statement.execute("CREATE TABLE IF NOT EXISTS seen.item (id int PRIMARY KEY, name text NOT NULL)");
            statement.execute("INSERT INTO seen.item VALUES (1, 'ä') ON CONFLICT DO NOTHING");
        }
        granted.set(0);
        gateway.ports.rules = Optional.of(rules);
    }

    @AfterEach
    void free() {
        gateway.ports.rules = Optional.empty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"simple", "extended", "extendedForPrepared", "extendedCacheEverything"})
    void aTextIsReplacedAndRecordedAsTheClientWroteIt(String mode) throws Exception {
        String sql = "SELECT name, 'ö' FROM app.item WHERE id = ?";
        try (Connection connection = gateway.connect("preferQueryMode", mode);
                PreparedStatement query = connection.prepareStatement(sql)) {
            for (int i = 0; i < 8; i++) {
                query.setInt(1, 1);
                try (ResultSet rows = query.executeQuery()) {
                    assertThat(rows.next()).isTrue();
                    assertThat(rows.getString(1) + rows.getString(2)).isEqualTo("äö");
                }
            }
        }
        assertThat(statements())
                .filteredOn(record -> record.text().contains("app.item"))
                .hasSize(8)
                .allSatisfy(record -> assertThat(record.rows()).isEqualTo(1));
        assertThat(statements()).noneMatch(record -> record.text().contains("seen.item WHERE"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"simple", "extended"})
    void aRefusedTextFailsInItsPlaceAndTheSessionGoesOn(String mode) throws Exception {
        try (Connection connection = gateway.connect("preferQueryMode", mode);
                Statement statement = connection.createStatement()) {
            assertThatThrownBy(() -> statement.execute("LISTEN everything"))
                    .isInstanceOfSatisfying(PSQLException.class, e -> {
                        assertThat(e.getSQLState()).isEqualTo("42501");
                        assertThat(e.getMessage()).contains("it's not for you");
                    });
            assertThat(statement.execute("SELECT 1")).isTrue();
        }
        assertThat(statements())
                .filteredOn(record -> record.text().startsWith("LISTEN"))
                .singleElement()
                .satisfies(record -> assertThat(record.outcome()).isInstanceOf(StatementRecord.Outcome.Failed.class));
    }

    @ParameterizedTest
    @ValueSource(strings = {"simple", "extended"})
    void whatIsCarriedOutElsewhereIsAnsweredInItsTurn(String mode) throws Exception {
        try (Connection connection = gateway.connect("preferQueryMode", mode);
                Statement statement = connection.createStatement()) {
            try (ResultSet rows = statement.executeQuery("GRANT everything")) {
                assertThat(rows.next()).isTrue();
                assertThat(rows.getString("answer")).isEqualTo("granted");
            }
            assertThatThrownBy(() -> statement.execute("GRANT to nobody"))
                    .isInstanceOfSatisfying(
                            PSQLException.class,
                            e -> assertThat(e.getSQLState()).isEqualTo("42704"));
        }
        assertThat(granted).hasValue(2);
        assertThat(texts()).contains("GRANT everything", "GRANT to nobody");
    }

    @ParameterizedTest
    @ValueSource(strings = {"simple", "extended"})
    void aLongTextIsLookedAtToo(String mode) throws Exception {
        String padding = " /* " + "x".repeat(40_000) + " */";
        try (Connection connection = gateway.connect("preferQueryMode", mode);
                Statement statement = connection.createStatement()) {
            assertThatThrownBy(() -> statement.execute("LISTEN everything" + padding))
                    .isInstanceOfSatisfying(
                            PSQLException.class,
                            e -> assertThat(e.getSQLState()).isEqualTo("42501"));
            try (ResultSet rows = statement.executeQuery("SELECT name FROM app.item" + padding)) {
                assertThat(rows.next()).isTrue();
            }
            try (ResultSet rows = statement.executeQuery("SELECT 42" + padding)) {
                assertThat(rows.next()).isTrue();
                assertThat(rows.getInt(1)).isEqualTo(42);
            }
        }
    }

    @Test
    void noNotificationComesHoweverItWasListenedFor() throws Exception {
        try (Connection ruled = gateway.connect();
                Statement listening = ruled.createStatement()) {
            listening.execute("DO $$BEGIN EXECUTE 'LISTEN everything'; END$$");
            listening.execute("NOTIFY everything, 'a whole row'");
            assertThat(listening.execute("SELECT 1")).isTrue();
            assertThat(ruled.unwrap(PGConnection.class).getNotifications()).isEmpty();
        }
    }

    @Test
    void aTextThatCannotBeHeldEndsTheSession() throws Exception {
        try (Connection connection = gateway.connect("preferQueryMode", "simple");
                Statement statement = connection.createStatement()) {
            assertThatThrownBy(() -> statement.execute("LISTEN everything /* " + "x".repeat(2 << 20) + " */"))
                    .isInstanceOf(SQLException.class);
            assertThat(connection.isValid(1)).isFalse();
        }
    }

    @Test
    void aTextThatTheServerMayReadInAnotherWayIsRefused() throws Exception {
        try (Connection connection = gateway.connect("preferQueryMode", "simple");
                Statement statement = connection.createStatement()) {
            statement.execute("SET standard_conforming_strings = off");
            assertThatThrownBy(() -> statement.execute("SELECT '\\''; LISTEN everything; --'"))
                    .isInstanceOfSatisfying(
                            PSQLException.class,
                            e -> assertThat(e.getSQLState()).isEqualTo("0A000"));
            statement.execute("SET standard_conforming_strings = on");
            assertThat(statement.execute("SELECT '\\'")).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"LATIN1", "WIN1252", "SJIS"})
    void anotherEncodingIsTakenForAsciiAlone(String encoding) throws Exception {
        byte[] letter = "SELECT 'é'".getBytes(StandardCharsets.ISO_8859_1);
        try (WireClient client = WireClient.signedIn(gateway.port)) {
            client.send('Q', "SET client_encoding = '" + encoding + "'");
            client.until('Z');
            client.send('Q', "SELECT id FROM app.item");
            assertThat(client.typesUntil('Z')).isEqualTo("TDCZ");
            client.send('Q', WireClient.bytes(letter, new byte[1]));
            assertThat(client.until('Z').getFirst().field('C')).isEqualTo("0A000");
        }
        assertThat(statements()).extracting(StatementRecord::type).endsWith("SET", "SELECT", "OTHER");
    }

    @Test
    void aTextThatIsSentAheadIsLookedAtByWhatTheServerHasToldWhenItComesToIt() throws Exception {
        String backslash = "SELECT 'a\\', '; LISTEN everything; --'";
        try (WireClient client = WireClient.signedIn(gateway.port)) {
            client.raw(
                    WireClient.message('Q', "SET standard_conforming_strings = off"),
                    WireClient.message('Q', backslash),
                    WireClient.message('Q', "SET standard_conforming_strings = on"),
                    WireClient.message('Q', "SELECT 'ä', name FROM app.item"));
            client.until('Z');
            assertThat(client.until('Z').getFirst().field('C')).isEqualTo("0A000");
            client.until('Z');
            assertThat(client.typesUntil('Z')).isEqualTo("TDCZ");
        }
    }

    @Test
    void aTextBehindWhatMayChangeItsMeaningIsRefusedWhereNoSyncStandsBetween() throws Exception {
        try (WireClient client = WireClient.signedIn(gateway.port)) {
            client.raw(
                    run("SELECT set_config('standard_conforming_strings', 'off', false)"),
                    run("SELECT 'a\\', '; LISTEN everything; --'"),
                    SYNC);
            List<WireClient.Message> answers = client.until('Z');
            assertThat(answers.get(answers.size() - 2).field('C')).isEqualTo("0A000");
            assertThat(answers.get(answers.size() - 2).field('M')).contains("without Sync");
            client.raw(run("SET standard_conforming_strings = on"), SYNC);
            client.until('Z');
            client.raw(run("BEGIN"), run("SELECT 'ä', name FROM app.item"), SYNC);
            assertThat(client.typesUntil('Z')).isEqualTo("12C12DCZ");
        }
    }

    @Test
    void aTextThatIsHeldBehindAnErrorIsPassedOverWithTheRest() throws Exception {
        try (WireClient client = WireClient.signedIn(gateway.port)) {
            client.raw(
                    run("SELEC"),
                    WireClient.message('Q', "SELECT version()"),
                    WireClient.message('Q', "SELECT 'é'"),
                    SYNC,
                    WireClient.message('Q', "SELECT 'ä', name FROM app.item"));
            assertThat(client.typesUntil('Z')).isEqualTo("EZ");
            assertThat(client.typesUntil('Z')).isEqualTo("TDCZ");
        }
        assertThat(texts().getLast()).isEqualTo("SELECT 'ä', name FROM app.item");
    }

    @Test
    void whatIsCarriedOutElsewhereIsPassedOverBehindAnError() throws Exception {
        try (WireClient client = WireClient.signedIn(gateway.port)) {
            client.raw(run("GRANT a"), run("GRANT to nobody"), run("GRANT b"), SYNC);
            assertThat(client.typesUntil('Z')).isEqualTo("12DC12EZ");
            assertThat(granted).as("a, and the one that is refused").hasValue(2);
            client.raw(run("SELEC"), WireClient.message('H'));
            client.expect('E');
            client.raw(run("GRANT c"), WireClient.message('Q', "GRANT d"), SYNC);
            assertThat(client.typesUntil('Z')).isEqualTo("Z");
            assertThat(granted).hasValue(2);
            client.raw(run("SELECT 1"), run("GRANT e"), SYNC, WireClient.message('Q', "GRANT f"));
            assertThat(client.typesUntil('Z')).isEqualTo("12DC12DCZ");
            assertThat(client.typesUntil('Z')).isEqualTo("TDCZ");
            assertThat(granted).hasValue(4);
        }
    }

    @Test
    void whatIsCarriedOutElsewhereIsNotInATransactionThatHasFailed() throws Exception {
        try (WireClient client = WireClient.signedIn(gateway.port)) {
            client.raw(WireClient.message('Q', "BEGIN; SELECT 1/0"), WireClient.message('Q', "GRANT a"));
            client.until('Z');
            assertThat(client.until('Z').getFirst().field('C')).isEqualTo("25P02");
            client.raw(run("GRANT b"), SYNC);
            assertThat(client.until('Z').getFirst().field('C')).isEqualTo("25P02");
            assertThat(granted).hasValue(0);
            client.raw(run("ROLLBACK"), run("GRANT c"), SYNC);
            assertThat(client.typesUntil('Z')).isEqualTo("12C12DCZ");
            client.raw(WireClient.message('Q', "BEGIN; SELECT 1/0"), WireClient.message('Q', "ROLLBACK"));
            client.until('Z');
            client.until('Z');
            client.send('Q', "GRANT d");
            assertThat(client.typesUntil('Z')).isEqualTo("TDCZ");
        }
        assertThat(granted).hasValue(2);
    }

    @Test
    void oneWhoseTextsTakeLongToReadKeepsOnlyOneReaderAtWork() throws Exception {
        var go = new CountDownLatch(1);
        AtomicInteger reading = new AtomicInteger();
        gateway.ports.rules = Optional.of(new SessionRules() {
            @Override
            public Sent sent(byte[] sql) {
                return new Later(Work.READS, () -> {
                    reading.incrementAndGet();
                    try {
                        go.await();
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                    return new AsItIs();
                });
            }

            @Override
            public boolean hidesDetails() {
                return false;
            }
        });
        try (WireClient first = WireClient.signedIn(gateway.port);
                WireClient second = WireClient.signedIn(gateway.port);
                WireClient other = WireClient.signedIn(gateway.port, "user", "bob")) {
            for (WireClient client : List.of(first, second)) {
                client.send('Q', "SELECT 1");
            }
            TestWait.until("one is read", () -> reading.get() == 1);
            other.send('Q', "SELECT 1");
            TestWait.until("another's is read, too", () -> reading.get() == 2);
            go.countDown();
            for (WireClient client : List.of(first, second, other)) {
                assertThat(client.typesUntil('Z')).isEqualTo("TDCZ");
            }
        } finally {
            go.countDown();
        }
        assertThat(reading).hasValue(3);
    }

    @Test
    void whatIsCarriedOutElsewhereIsNotWhereCopyDataIsExpected() throws Exception {
        try (WireClient client = WireClient.signedIn(gateway.port)) {
            client.send('Q', "CREATE TEMP TABLE t (a int); COPY t FROM STDIN");
            client.until('G');
            client.send('Q', "GRANT everything");
            assertThat(client.untilEnd().getLast().field('C')).isEqualTo("08P01");
        }
        assertThat(granted).hasValue(0);
        nothingIsOpen();
        assertLastIsRefusedAmongCopyData("GRANT everything");
    }

    private void assertLastIsRefusedAmongCopyData(String text) {
        assertThat(statements().getLast().text()).isEqualTo(text);
        assertThat(statements().getLast().outcome())
                .isEqualTo(new StatementRecord.Outcome.Failed(
                        "08P01", "a statement came where the server takes COPY data"));
        assertThat(statements())
                .filteredOn(record -> record.text().contains("COPY"))
                .isNotEmpty()
                .noneMatch(record -> record.outcome() instanceof StatementRecord.Outcome.Lost);
    }

    @Test
    void whatIsPreparedWhereCopyDataIsExpectedIsRecordedAsRefused() throws Exception {
        try (WireClient client = WireClient.signedIn(gateway.port)) {
            client.send('Q', "CREATE TEMP TABLE t (a int)");
            client.until('Z');
            client.raw(run("COPY t FROM STDIN"), WireClient.message('H'));
            client.until('G');
            client.raw(WireClient.message('P', "", "GRANT everything", (short) 0));
            assertThat(client.untilEnd().getLast().field('C')).isEqualTo("08P01");
        }
        nothingIsOpen();
        assertLastIsRefusedAmongCopyData("GRANT everything");
    }

    @Test
    void whatIsHeldWhenTheSessionEndsIsRecordedAsNeverSent() throws Exception {
        try (WireClient client = WireClient.signedIn(gateway.port)) {
            client.raw(WireClient.message('Q', "SELECT pg_sleep(600)"), WireClient.message('Q', "GRANT everything"));
            TestWait.until(
                    "the server is told to end it",
                    () -> postgres.value("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
                                    + "WHERE usename = 'ann' AND wait_event = 'PgSleep'")
                            .equals("1"));
            assertThat(client.untilEnd().getLast().field('C')).isEqualTo("57P01");
        }
        nothingIsOpen();
        assertThat(granted).hasValue(0);
        assertThat(statements().getLast().text()).isEqualTo("GRANT everything");
        assertThat(statements().getLast().outcome())
                .isEqualTo(new StatementRecord.Outcome.Failed("08006", "the session ended before the server got it"));
    }

    @Test
    void whatIsAnsweredComesThoughTheSessionEndsBecauseOfWhatFollows() throws Exception {
        byte[] noMessage = {'Q', -1, -1, -1, -1};
        try (WireClient client = WireClient.signedIn(gateway.port)) {
            client.raw(WireClient.message('Q', "SELECT version()"), WireClient.message('Q', "SELECT 'é'"), noMessage);
            List<WireClient.Message> messages = client.untilEnd();
            assertThat(messages)
                    .extracting(WireClient.Message::type)
                    .startsWith('T', 'D', 'C', 'Z')
                    .endsWith('E');
            assertThat(messages.getLast().field('C')).isEqualTo("08P01");
        }
    }

    @Test
    void aTextThatIsHeldWhereCopyDataIsExpectedEndsTheSession() throws Exception {
        try (WireClient client = WireClient.signedIn(gateway.port)) {
            client.raw(
                    WireClient.message('Q', "CREATE TEMP TABLE t (a int); COPY t FROM STDIN"),
                    WireClient.message('Q', "SELECT 'é'"));
            assertThat(client.untilEnd().getLast().field('C')).isEqualTo("08P01");
        }
        nothingIsOpen();
        assertLastIsRefusedAmongCopyData("SELECT 'é'");
    }

    /** One that failed may have been meant to take the name. */
    @Test
    void onlyWhatSurelyIsABeginLeavesTheMeaningOfTextsBehindItAsItIs() throws Exception {
        byte[] evil = "SELECT set_config('standard_conforming_strings', 'off', false)".getBytes(StandardCharsets.UTF_8);
        try (WireClient client = WireClient.signedIn(gateway.port)) {
            client.raw(WireClient.message('P', "s", evil, new byte[3]), SYNC);
            client.until('Z');
            client.raw(
                    WireClient.message('P', "s", "BEGIN", (short) 0),
                    SYNC,
                    WireClient.message('B', "", "s", (short) 0, (short) 0, (short) 0),
                    WireClient.message('E', "", 0),
                    run("SELECT 'a\\', '; LISTEN everything; --'"),
                    SYNC);
            client.until('Z');
            List<WireClient.Message> answers = client.until('Z');
            assertThat(answers.get(answers.size() - 2).field('C')).isEqualTo("0A000");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"simple", "extended", "extendedForPrepared", "extendedCacheEverything"})
    void aStatementWithABackslashRunsRightBehindItsBegin(String mode) throws Exception {
        try (Connection connection = gateway.connect("preferQueryMode", mode, "autosave", "always")) {
            connection.setAutoCommit(false);
            for (int i = 0; i < 8; i++) {
                try (PreparedStatement query =
                        connection.prepareStatement("SELECT name FROM app.item WHERE name LIKE ? ESCAPE '\\'")) {
                    query.setString(1, "ä");
                    try (ResultSet rows = query.executeQuery()) {
                        assertThat(rows.next()).isTrue();
                    }
                }
                connection.commit();
            }
        }
    }

    private static final byte[] SYNC = WireClient.message('S');

    private static byte[] run(String sql) {
        return WireClient.bytes(
                WireClient.message('P', "", sql, (short) 0),
                WireClient.message('B', "", "", (short) 0, (short) 0, (short) 0),
                WireClient.message('E', "", 0));
    }

    @Test
    void aClientThatSendsAheadAndEndsIsStillAnswered() throws Exception {
        try (WireClient client = WireClient.signedIn(gateway.port)) {
            client.raw(WireClient.message('Q', "GRANT everything"), WireClient.message('Q', "SELECT 42"));
            client.socket().shutdownOutput();
            List<WireClient.Message> answers = client.untilEnd();
            assertThat(answers)
                    .as(answers.stream().map(WireClient.Message::text).toList().toString())
                    .filteredOn(message -> message.type() == 'D')
                    .extracting(WireClient.Message::text)
                    .satisfiesExactly(
                            first -> assertThat(first).endsWith("granted"),
                            second -> assertThat(second).endsWith("42"));
        }
        assertThat(granted).hasValue(1);
    }

    @Test
    void whatAnErrorQuotesOfARowIsHidden() throws Exception {
        try (Connection connection = gateway.connect();
                Statement statement = connection.createStatement()) {
            assertThatThrownBy(() -> statement.execute("INSERT INTO seen.item VALUES (4711, NULL)"))
                    .isInstanceOfSatisfying(PSQLException.class, e -> {
                        assertThat(e.getSQLState()).isEqualTo("23502");
                        assertThat(e.getServerErrorMessage().getDetail()).isNull();
                        assertThat(e.getMessage()).contains("null value in column \"name\"");
                    });
            gateway.ports.rules = Optional.empty();
        }
        try (Connection connection = gateway.connect();
                Statement statement = connection.createStatement()) {
            assertThatThrownBy(() -> statement.execute("INSERT INTO seen.item VALUES (4711, NULL)"))
                    .isInstanceOfSatisfying(
                            PSQLException.class,
                            e -> assertThat(e.getServerErrorMessage().getDetail())
                                    .contains("4711"));
        }
    }

    /** In the text itself a value is the client's own; where it comes from a row, as a block of code can make it, the message is withheld. */
    @Test
    void whatTheMessageForAValueQuotesOfARowIsHidden() throws Exception {
        String cast = "SELECT name::integer FROM (SELECT 'SECRET'::text AS name OFFSET 0) item";
        try (Connection connection = gateway.connect();
                Statement statement = connection.createStatement()) {
            for (String sql : List.of(cast, "DO $$BEGIN PERFORM 'SECRET'::text::integer; END$$")) {
                assertThatThrownBy(() -> statement.execute(sql)).isInstanceOfSatisfying(PSQLException.class, e -> {
                    assertThat(e.getSQLState()).isEqualTo("22P02");
                    assertThat(e.getMessage()).contains("message is withheld").doesNotContain("SECRET");
                });
            }
            assertThatThrownBy(() -> statement.execute("SELECT 'my own'::integer"))
                    .hasMessageContaining("my own");
            assertThat(gateway.ports.statements)
                    .filteredOn(record -> record.outcome() instanceof StatementRecord.Outcome.Failed)
                    .extracting(record -> ((StatementRecord.Outcome.Failed) record.outcome()).message())
                    .as("what is recorded")
                    .hasSizeGreaterThanOrEqualTo(2)
                    .noneMatch(message -> message.contains("SECRET"));
            gateway.ports.rules = Optional.empty();
        }
        try (Connection connection = gateway.connect();
                Statement statement = connection.createStatement()) {
            assertThatThrownBy(() -> statement.execute(cast)).hasMessageContaining("SECRET");
        }
    }

    /** A text that is turned keeps its command. */
    @Test
    void whatRanInThePlaceOfATextThatWasTurnedIsNotRecordedAsThatOne() throws Exception {
        try (WireClient client = WireClient.signedIn(gateway.port)) {
            client.raw(WireClient.message('P', "x", "SELECT name FROM app.item", (short) 0), SYNC);
            client.until('Z');
            client.send(
                    'Q',
                    "DO 'BEGIN EXECUTE ''DEALLOCATE x''; "
                            + "EXECUTE ''PREPARE x AS DELETE FROM seen.item WHERE id = 0''; END'");
            client.until('Z');
            client.raw(
                    WireClient.message('B', "", "x", (short) 0, (short) 0, (short) 0),
                    WireClient.message('E', "", 0),
                    SYNC);
            assertThat(client.typesUntil('Z')).isEqualTo("2CZ");
        }
        assertThat(statements().getLast().text())
                .isEqualTo("a statement that was prepared out of sight, in the place of: SELECT name FROM app.item");
    }

    @ParameterizedTest
    @ValueSource(strings = {"NOTICE", "EXCEPTION"})
    void whatIsTooLongToTakeItsDetailsOutEndsTheSessionWithTheReason(String level) throws Exception {
        try (WireClient client = WireClient.signedIn(gateway.port)) {
            client.send('Q', "SELECT 1");
            client.until('Z');
            client.send('Q', "DO $$BEGIN RAISE " + level + " '%', repeat('x', 2000000); END$$");
            WireClient.Message error = client.expect('E');
            assertThat(error.field('C')).isEqualTo("54000");
            assertThat(error.field('M')).startsWith("the server reports something in 2000");
            assertThat(client.untilEnd()).isEmpty();
        }
        nothingIsOpen();
        assertThat(statements().getLast().type()).isEqualTo("DO");
    }

    @Test
    void whatIsTooLongAgainWhileTheSessionEndsIsNotKeptAndWhatItIsOfIsRecordedAsItEnded() throws Exception {
        try (WireClient client = WireClient.signedIn(gateway.port)) {
            client.send(
                    'Q',
                    "DO $$BEGIN FOR i IN 1..20 LOOP BEGIN RAISE NOTICE '%', repeat('x', 1100000);"
                            + " EXCEPTION WHEN query_canceled THEN NULL; END; END LOOP; END$$");
            assertThat(client.expect('E').field('C')).isEqualTo("54000");
            assertThat(client.untilEnd()).isEmpty();
        }
        nothingIsOpen();
        assertThat(statements().getLast().type()).isEqualTo("DO");
        assertThat(statements().getLast().outcome()).isNotInstanceOf(StatementRecord.Outcome.Lost.class);
    }
}
