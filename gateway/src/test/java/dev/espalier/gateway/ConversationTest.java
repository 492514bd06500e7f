package dev.espalier.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.espalier.gateway.StatementRecord.Outcome;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Answers in an order that no statement brings a server to at will. */
class ConversationTest {

    private static final int LARGE = 900_000;

    private final TestPorts ports = new TestPorts(Map.of());
    private WorkerWatch watch;
    private Meter meter;
    private Conversation conversation;

    @BeforeEach
    void begin() {
        watch = WorkerWatch.start();
        Route.Named named = new Route.Named("id", "name");
        SessionInfo session = new SessionInfo(
                new ClientInfo(
                        "s", new InetSocketAddress("127.0.0.1", 1), false, Optional.empty(), Optional.empty(), ""),
                new Principal("id of ann", "ann", "USER", Acting.NOBODY),
                new Route(named, named, named, "db", "ann", Path.of("/"), () -> {}, new Recall(), Optional.empty()));
        int process = Math.toIntExact(ProcessHandle.current().pid());
        meter = new Meter(new BackendCpu(process), watch.watch(process));
        conversation =
                new Conversation(new Recorder(session, ports, true, Clock.systemUTC()), meter, new TextReading());
    }

    @AfterEach
    void end() {
        watch.close();
    }

    private static SqlText text(String sql) {
        return SqlText.unseen("SELECT", sql);
    }

    private static SqlText large(int number) {
        return text(number + " " + "x".repeat(LARGE));
    }

    private void executed(String portal) throws Refusal {
        conversation.execute(portal);
        conversation.completed("SELECT 1");
    }

    private String lastText() {
        return ports.statements.getLast().text();
    }

    @Test
    void ofTextsThatAreSentAheadOnlySoManyAreKeptWhole() throws Refusal {
        for (int i = 0; i < 10; i++) {
            conversation.parse("s" + i, large(i));
        }
        for (int i = 0; i < 10; i++) {
            conversation.parseComplete();
        }
        for (int i = 0; i < 10; i++) {
            conversation.bind("", "s" + i);
            conversation.bindComplete();
            executed("");
        }
        assertThat(ports.statements.getFirst().text())
                .startsWith("0 xxx")
                .contains("the first of 900002 characters, SHA-256 of all");
        assertThat(ports.statements.getFirst().truncated()).isTrue();
        assertThat(lastText()).hasSize(LARGE + 2);
    }

    @Test
    void aRecordThatTakesTooMuchOfTheStackDeniesItsStatement() throws Refusal {
        ports.beforeAppend = () -> {
            throw new StackOverflowError();
        };
        conversation.query(text("SELECT 1"));
        assertThatThrownBy(() -> conversation.completed("SELECT 1"))
                .isInstanceOfSatisfying(
                        Refusal.class, e -> assertThat(e.sqlState()).isEqualTo("58030"));
    }

    @Test
    void allThatABackendMayHaveRunBeforeItWasLostIsRecorded() throws Refusal {
        conversation.parse("", text("SELECT 'a'"));
        conversation.bind("", "");
        conversation.execute("");
        conversation.parse("", text("SELECT 'b'"));
        conversation.bind("", "");
        conversation.describe(true, "");
        conversation.execute("");
        conversation.sync();
        conversation.query(known(List.of(parsed("SELECT 1"), parsed("DELETE FROM t"))));
        conversation.parseComplete();
        conversation.lost("gone");
        assertThat(conversation.isIdle()).isTrue();
        assertThat(ports.statements)
                .extracting(StatementRecord::text)
                .containsExactly("SELECT 'a'", "SELECT 'b'", "SELECT 1", "DELETE FROM t");
        assertThat(ports.statements)
                .allSatisfy(record -> assertThat(record.outcome()).isEqualTo(new Outcome.Lost("gone")));
        assertThat(ports.statements).extracting(StatementRecord::number).containsExactly(1L, 2L, 3L, 4L);
    }

    @Test
    void rowsThatWereSentBeforeTheBackendWasLostAreThoseOfTheStatementThatItRan() throws Refusal {
        conversation.execute("");
        conversation.execute("");
        conversation.query(text("SELECT 1"));
        meter.row();
        meter.row();
        conversation.lost("gone");
        assertThat(ports.statements).extracting(StatementRecord::rows).containsExactly(2L, 0L, 0L);
        ports.forget();
        conversation.query(text("SELECT 2"));
        meter.row();
        conversation.lost("gone");
        assertThat(ports.statements).extracting(StatementRecord::rows).containsExactly(1L);
    }

    private static StatementInfo parsed(String text) {
        return new StatementInfo(0, 0, text.split(" ", 2)[0], text, true, false, Optional.empty());
    }

    @Test
    void whatABackendMayHaveRunIsRecordedHoweverMuchTheSessionKeeps() throws Refusal {
        int most = 0;
        try {
            for (; ; most++) {
                conversation.bind("p" + most, "");
                conversation.bindComplete();
            }
        } catch (Refusal e) {
            assertThat(e.sqlState()).isEqualTo("54000");
        }
        begin();
        for (int i = 0; i < most + 10; i++) {
            conversation.bind("p" + i, "");
            if (i < most - 10) {
                conversation.bindComplete();
            }
        }
        conversation.parse("del", text("DELETE FROM t"));
        conversation.bind("", "del");
        conversation.execute("");
        conversation.execute("declared");
        conversation.sync();
        conversation.lost("gone");
        assertThat(conversation.isIdle()).isTrue();
        assertThat(ports.statements)
                .extracting(StatementRecord::text)
                .startsWith("DELETE FROM t", "a portal that was declared out of sight")
                .hasSize(2 + most + 10);
        assertThat(ports.statements)
                .filteredOn(record -> record.outcome().equals(new Outcome.Lost("gone")))
                .hasSize(2 + 20);
        assertThat(ports.statements)
                .filteredOn(record -> record.outcome().equals(new Outcome.Unexecuted("BIND")))
                .hasSize(most - 10);
    }

    @Test
    void whatWasPreparedIsLostWithItsBackendOnlyWhereTheServerOwesTheAnswerToThat() throws Refusal {
        conversation.parse("parsed", drop("a"));
        conversation.parseComplete();
        conversation.bind("p", "");
        conversation.bindComplete();
        conversation.sync();
        conversation.ready((byte) 'T');
        conversation.query(text("SELECT 1"));
        conversation.parse("owed", drop("b"));
        conversation.parse("s", drop("c"));
        conversation.bind("q", "s");
        conversation.sync();
        conversation.lost("gone");
        Outcome lost = new Outcome.Lost("gone");
        assertThat(ports.statements)
                .extracting(StatementRecord::text, StatementRecord::outcome, StatementRecord::changes)
                .containsExactly(
                        tuple("SELECT 1", lost, true),
                        tuple("a statement that was prepared out of sight", new Outcome.Unexecuted("BIND"), true),
                        tuple("DROP TABLE c", lost, true),
                        tuple("DROP TABLE a", new Outcome.Unexecuted("PARSE"), false),
                        tuple("DROP TABLE b", lost, false));
    }

    private static SqlText drop(String table) {
        return known("DROP", "DROP TABLE " + table, true, "");
    }

    private static SqlText known(String type, String sql, boolean changes, String named) {
        Optional<String> name = Optional.of(named).filter(given -> !given.isEmpty());
        return known(List.of(new StatementInfo(0, 0, type, sql, true, changes, name)));
    }

    private static SqlText known(List<StatementInfo> statements) {
        SqlText text = SqlText.pending(0, Map.of(), false, false);
        text.known(statements);
        return text;
    }

    @Test
    void ofManyPortalsOfOneTextThatEndTogetherOneRecordTellsHowMany() throws Refusal {
        conversation.parse("s", large(1));
        conversation.parseComplete();
        conversation.parse("t", text("SELECT 't'"));
        conversation.parseComplete();
        for (int i = 0; i < 10_000; i++) {
            conversation.bind("p" + i, "s");
            conversation.bindComplete();
        }
        conversation.bind("", "t");
        conversation.bindComplete();
        executed("p7");
        conversation.sync();
        conversation.ready(Backend.IDLE);
        assertThat(ports.statements).hasSize(3);
        assertThat(ports.statements.get(1).text()).startsWith("1 xxx").endsWith("xxx… (and 9998 more portals of it)");
        assertThat(lastText()).isEqualTo("SELECT 't'");
        ports.forget();
        for (int i = 0; i < 20_000; i++) {
            conversation.bind("p" + i, "s");
            conversation.bindComplete();
        }
        conversation.lost("gone");
        assertThat(lastText()).endsWith("… (and 19999 more portals of it)");
        assertThat(ports.statements).hasSize(1);
    }

    @Test
    void whatWasPreparedBeforeHasTheTimesOfItsPreparationOrOfAnHourBefore() throws Refusal {
        for (Duration ago : List.of(Duration.ofMinutes(50), Duration.ofHours(800))) {
            ports.forget();
            long came = Duration.ofHours(1).toNanos();
            meter.tick(came);
            conversation.parse("s", text("SELECT 1"));
            meter.tick(came + 5_000_000);
            conversation.parseComplete();
            conversation.sync();
            conversation.ready(Backend.IDLE);
            meter.tick(came + ago.toNanos());
            conversation.close(false, "s");
            conversation.closeComplete();
            Duration known = ago.compareTo(Duration.ofHours(1)) < 0 ? ago : Duration.ofHours(1);
            assertThat(ports.statements).singleElement().satisfies(record -> {
                assertThat(record.durationNanos()).isEqualTo(5_000_000);
                assertThat(record.start())
                        .isBetween(
                                Instant.now().minus(known).minusSeconds(60),
                                Instant.now().minus(known).plusMillis(1));
            });
        }
    }

    @Test
    void whatIsCommittedIsRecordedAtOnceAlsoWhereATransactionGoesOn() throws Refusal {
        for (String tag : List.of("COMMIT", "PREPARE TRANSACTION")) {
            ports.forget();
            conversation.parse("s", text("SELECT 's'"));
            conversation.parseComplete();
            conversation.bind("p", "s");
            conversation.bindComplete();
            conversation.query(text("ROLLBACK TO a"));
            conversation.completed("ROLLBACK");
            assertThat(lastText()).isEqualTo("ROLLBACK TO a");
            conversation.ready((byte) 'T');
            conversation.query(text("COMMIT AND CHAIN"));
            conversation.completed(tag);
            assertThat(lastText()).isEqualTo("SELECT 's'");
            conversation.ready((byte) 'T');
        }
    }

    @Test
    void whatSqlExecutesByItsNameMayHaveChangedWhatItSays() throws Refusal {
        for (String name : List.of("s", "inner", "kept")) {
            conversation.parse(name, name.equals("s") ? known("EXECUTE", "EXECUTE inner", false, "inner") : drop(name));
            conversation.parseComplete();
        }
        conversation.query(known("EXECUTE", "EXECUTE s", false, "s"));
        conversation.completed("DEALLOCATE");
        conversation.ready(Backend.IDLE);
        conversation.lost("gone");
        assertThat(ports.statements)
                .extracting(StatementRecord::text, StatementRecord::changes)
                .containsExactly(
                        tuple("EXECUTE s", false),
                        tuple("EXECUTE inner", false),
                        tuple("DROP TABLE inner", true),
                        tuple("DROP TABLE kept", false));
    }

    @Test
    void whatCompletesWhenTheSessionKeepsTooMuchIsRecordedAsCompleted() {
        int executed = 0;
        try {
            for (; ; executed++) {
                conversation.execute("c" + executed);
                conversation.completed("SELECT 1");
            }
        } catch (Refusal e) {
            assertThat(e.sqlState()).isEqualTo("54000");
        }
        assertThat(conversation.isIdle()).isTrue();
        assertThat(ports.statements).hasSize(executed + 1);
    }

    @Test
    void aRecordThatCannotBeKeptKeepsNoneOfWhatWasLostBehindIt() throws Refusal {
        AtomicInteger appended = new AtomicInteger();
        ports.beforeAppend = () -> {
            if (appended.incrementAndGet() <= 2) {
                throw new IllegalStateException("the disk is full");
            }
        };
        conversation.query(known(List.of(parsed("SELECT 1"), parsed("SELECT 2"))));
        conversation.query(text("SELECT 3"));
        conversation.execute("");
        conversation.lost("gone");
        assertThat(appended).hasValue(4);
        assertThat(ports.statements)
                .extracting(StatementRecord::text)
                .containsExactly("SELECT 3", "a portal that was declared out of sight");
    }

    @Test
    void ofVeryManyLostStatementsTheLastOnesAreRecordedTogether() throws Refusal {
        List<StatementInfo> many = new ArrayList<>(Collections.nCopies(5_000, parsed("COMMIT")));
        many.add(parsed("DROP TABLE t"));
        for (int i = 0; i < 2; i++) {
            conversation.query(known(List.copyOf(many)));
        }
        conversation.completed("COMMIT");
        ports.forget();
        conversation.lost("gone");
        assertThat(ports.statements).hasSize(Conversation.MOST_LOST + 2);
        assertThat(ports.statements.get(Conversation.MOST_LOST).text())
                .startsWith("4000 statements: COMMIT; COMMIT; ")
                .endsWith("; DROP TABLE t");
        assertThat(lastText()).startsWith("5001 statements: ");
        assertThat(ports.statements.getLast()).satisfies(record -> {
            assertThat(record.changes()).isTrue();
            assertThat(record.outcome()).isEqualTo(new Outcome.Lost("gone"));
        });
    }

    @Test
    void whatTellsTheWholeStandsBehindLostStatementsThatAreTooLongTogether() throws Refusal {
        conversation.query(known(Collections.nCopies(200_000, parsed("COMMIT"))));
        conversation.lost("gone");
        assertThat(lastText())
                .startsWith("199000 statements: COMMIT; COMMIT; ")
                .containsPattern("… \\(the first of 1592017 characters, SHA-256 of all in UTF-8: \\p{XDigit}{64}\\)$")
                .hasSizeLessThan(SqlText.LONGEST + 200);
        assertThat(ports.statements.getLast().truncated()).isTrue();
    }

    @Test
    void aQueryThatCompletesAsAnotherStatementEndsTheSession() throws Refusal {
        conversation.query(known(List.of(parsed("SELECT 1"))));
        assertThatThrownBy(() -> conversation.completed("DROP TABLE"))
                .isInstanceOfSatisfying(
                        Refusal.class, e -> assertThat(e.sqlState()).isEqualTo("08P01"));
        assertThat(ports.statements).singleElement().satisfies(record -> {
            assertThat(record.text()).isEqualTo("a statement that was not asked for, in the place of: SELECT 1");
            assertThat(record.changes()).isTrue();
        });
    }

    @Test
    void ofQueriesThatAreAnsweredOrBrokenOffNothingIsLost() throws Refusal {
        SqlText text = known(List.of(parsed("SELECT 1")));
        conversation.query(text);
        conversation.completed("SELECT 1");
        conversation.lost("gone");
        conversation.query(text);
        conversation.failed(new ServerError(false, "22012", "division by zero"));
        conversation.lost("gone");
        assertThat(ports.statements).noneMatch(record -> record.outcome() instanceof Outcome.Lost);
    }

    @Test
    void noMoreIsTakenWhileManyMessagesWaitForAnswers() throws Refusal {
        for (int i = 0; i < Conversation.MOST_WAITING; i++) {
            assertThat(conversation.takesMore()).isTrue();
            conversation.query(text(""));
        }
        assertThat(conversation.takesMore()).isFalse();
        conversation.completed("");
        conversation.ready(Backend.IDLE);
        assertThat(conversation.takesMore()).isTrue();
    }

    @Test
    void ofTextsThatPortalsHaveOnlySoManyAreKeptWhole() throws Refusal {
        for (int i = 0; i < 10; i++) {
            conversation.parse("", large(i));
            conversation.parseComplete();
            conversation.bind("p" + i, "");
            conversation.bindComplete();
        }
        executed("p0");
        assertThat(lastText()).startsWith("0 xxx").hasSizeLessThan(1_300);
        executed("p9");
        assertThat(lastText()).hasSize(LARGE + 2);
    }

    @Test
    void whatIsSkippedOrEndsTakesNoRoom() throws Refusal {
        for (int i = 0; i < 10; i++) {
            for (int n = 0; n < 10_000; n++) {
                conversation.parse("s" + n, text("SELECT " + n));
            }
            conversation.failed(new ServerError(false, "42601", "syntax error"));
            conversation.sync();
            conversation.ready((byte) 'T');
            conversation.parse("s", text("SELECT 1"));
            conversation.parseComplete();
            for (int n = 0; n < 10_000; n++) {
                conversation.bind("p" + n, "s");
                conversation.bindComplete();
            }
            conversation.sync();
            conversation.ready(Backend.IDLE);
        }
        conversation.bind("", "s");
        conversation.bindComplete();
        executed("");
        assertThat(lastText()).isEqualTo("SELECT 1");
    }

    @Test
    void whoSendsAheadOrBindsMoreThanCanBeRememberedIsEnded() throws Refusal {
        assertThatThrownBy(() -> {
                    for (int i = 0; i < 100_000; i++) {
                        conversation.parse("s" + i, text("SELECT 1"));
                    }
                })
                .isInstanceOfSatisfying(
                        Refusal.class, e -> assertThat(e.sqlState()).isEqualTo("54000"));
        begin();
        assertThatThrownBy(() -> {
                    for (int i = 0; i < 100_000; i++) {
                        conversation.bind("p" + i, "");
                        conversation.bindComplete();
                    }
                })
                .isInstanceOfSatisfying(
                        Refusal.class, e -> assertThat(e.sqlState()).isEqualTo("54000"));
    }

    @Test
    void behindVeryMuchThatIsOnItsWayNothingIsCertain() throws Refusal {
        SqlText begin = SqlText.unseen("BEGIN", "BEGIN");
        conversation.parse("", begin);
        assertThat(conversation.leavesReadingAsItIs()).isTrue();
        for (int i = 0; i < 100; i++) {
            conversation.parse("", begin);
        }
        assertThat(conversation.leavesReadingAsItIs()).isFalse();
    }

    @Test
    void copyDataThatComesBehindItsErrorLeavesTheSessionIdle() throws Refusal {
        conversation.query(text("COPY t FROM STDIN"));
        conversation.copyInBegins();
        conversation.failed(new ServerError(false, "22P02", "invalid input syntax"));
        conversation.copyData();
        conversation.copyEnds();
        conversation.ready(Backend.IDLE);
        assertThat(conversation.isIdle()).isTrue();
    }

    @Test
    void aQueryThatFailsAndEndsTheSessionThereuponIsRecordedOnce() throws Refusal {
        conversation.query(text("SELECT 1/0"));
        conversation.failed(new ServerError(false, "22012", "division by zero"));
        conversation.failed(new ServerError(true, "57P01", "terminating connection"));
        assertThat(ports.statements)
                .extracting(record -> record.outcome())
                .isEqualTo(List.of(new Outcome.Failed("22012", "division by zero")));
    }
}
