package dev.espalier.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.testing.TestWait;
import java.io.ByteArrayOutputStream;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.PGConnection;

/** pgjdbc through the gateway. */
class JdbcTest extends GatewayTest {

    /** What a session says before the test's own statements. */
    private List<StatementRecord> own() {
        return statements().stream()
                .filter(statement -> !statement.text().startsWith("SET "))
                .toList();
    }

    @ParameterizedTest
    @ValueSource(strings = {"simple", "extended", "extendedForPrepared", "extendedCacheEverything"})
    void everyQueryModeGivesTheSameRecords(String mode) throws Exception {
        try (Connection connection = gateway.connect("preferQueryMode", mode);
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TEMP TABLE item (id int, name text)");
            try (PreparedStatement insert = connection.prepareStatement("INSERT INTO item VALUES (?, 'x')")) {
                for (int i = 0; i < 10; i++) {
                    insert.setInt(1, i);
                    assertThat(insert.executeUpdate()).isEqualTo(1);
                }
            }
            try (ResultSet rows = statement.executeQuery("SELECT count(*) FROM item")) {
                rows.next();
                assertThat(rows.getInt(1)).isEqualTo(10);
            }
            assertThat(statement.executeUpdate("DELETE FROM item")).isEqualTo(10);
        }
        assertThat(own()).hasSize(13);
        assertThat(own()).extracting(StatementRecord::type).contains("CREATE", "INSERT", "SELECT", "DELETE");
        assertThat(own().getLast().rows()).isEqualTo(10);
        assertThat(own().stream().mapToLong(StatementRecord::rows).sum()).isEqualTo(21);
        if (!mode.equals("extendedForPrepared")) {
            StatementRecord.Protocol protocol =
                    mode.equals("simple") ? StatementRecord.Protocol.SIMPLE : StatementRecord.Protocol.EXTENDED;
            assertThat(own()).extracting(StatementRecord::protocol).containsOnly(protocol);
        }
        long first = own().getFirst().number();
        for (int i = 0; i < own().size(); i++) {
            assertThat(own().get(i).number()).isEqualTo(first + i);
        }
    }

    @Test
    void aLongTextKeepsNoOtherSessionWaitingWhileItIsTakenApart() throws Exception {
        CountDownLatch known = new CountDownLatch(1);
        gateway.ports.beforeSlow = () -> {
            try {
                known.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        };
        gateway.ports.slowWord = "slow_one";
        String text = "SELECT 'slow_one', '" + "x".repeat(100_000) + "'";
        try (Connection slow = gateway.connect();
                Connection quick = gateway.connect();
                Statement statement = slow.createStatement();
                Statement other = quick.createStatement()) {
            CompletableFuture<Boolean> answered = CompletableFuture.supplyAsync(() -> {
                try {
                    return statement.execute(text);
                } catch (SQLException e) {
                    throw new IllegalStateException(e);
                }
            });
            try (ResultSet rows = other.executeQuery("SELECT 2")) {
                assertThat(rows.next()).isTrue();
            }
            assertThat(answered).isNotDone();
            known.countDown();
            assertThat(answered.get()).isTrue();
        }
        assertThat(own())
                .filteredOn(record -> record.text().equals(text))
                .singleElement()
                .satisfies(record -> {
                    assertThat(record.type()).isEqualTo("SELECT");
                    assertThat(record.rows()).isEqualTo(1);
                });
    }

    @Test
    void cpuIsWhatTheBackendUsed() throws Exception {
        try (Connection connection = gateway.connect();
                Statement statement = connection.createStatement()) {
            statement
                    .executeQuery("SELECT count(*) FROM generate_series(1, 2000000)")
                    .close();
            statement.executeQuery("SELECT pg_sleep(0.3)").close();
        }
        StatementRecord busy = own().get(0);
        StatementRecord asleep = own().get(1);
        assertThat(busy.cpuNanos()).isBetween(20_000_000L, busy.durationNanos() + 20_000_000L);
        assertThat(asleep.durationNanos()).isGreaterThan(300_000_000L);
        assertThat(asleep.cpuNanos()).isLessThan(100_000_000L);
        assertThat(asleep.firstRowNanos()).isBetween(300_000_000L, asleep.durationNanos());
    }

    @Test
    void aPortalFetchedInPartsGivesPartsOfOneStatement() throws Exception {
        try (Connection connection = gateway.connect()) {
            connection.setAutoCommit(false);
            try (Statement statement = connection.createStatement()) {
                statement.setFetchSize(40);
                try (ResultSet rows = statement.executeQuery("SELECT * FROM generate_series(1, 100)")) {
                    int seen = 0;
                    while (rows.next()) {
                        seen++;
                    }
                    assertThat(seen).isEqualTo(100);
                }
            }
            connection.commit();
        }
        List<StatementRecord> parts = own().stream()
                .filter(statement -> statement.type().equals("SELECT"))
                .toList();
        assertThat(parts).extracting(StatementRecord::rows).containsExactly(40L, 40L, 20L);
        assertThat(parts).extracting(StatementRecord::part).containsExactly(1, 2, 3);
        assertThat(parts)
                .extracting(StatementRecord::number)
                .containsOnly(parts.getFirst().number());
        assertThat(parts.get(0).outcome()).isInstanceOf(StatementRecord.Outcome.Suspended.class);
        assertThat(parts.get(2).outcome()).isEqualTo(new StatementRecord.Outcome.Completed("SELECT 20"));
    }

    @Test
    void aBatchIsPipelinedAndAnErrorInItSkipsTheRest() throws Exception {
        try (Connection connection = gateway.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TEMP TABLE item (id int PRIMARY KEY)");
            try (PreparedStatement insert = connection.prepareStatement("INSERT INTO item VALUES (?)")) {
                for (int id : new int[] {1, 2, 2, 3, 4}) {
                    insert.setInt(1, id);
                    insert.addBatch();
                }
                assertThatThrownBy(insert::executeBatch).hasMessageContaining("duplicate key");
            }
            try (ResultSet rows = statement.executeQuery("SELECT 'still here'")) {
                assertThat(rows.next()).isTrue();
            }
        }
        assertThat(own())
                .extracting(record -> record.outcome().getClass().getSimpleName())
                .containsExactly("Completed", "Completed", "Completed", "Failed", "Completed");
        assertThat(own().get(3).text()).startsWith("INSERT INTO item");
        assertThat(own().get(4).text()).isEqualTo("SELECT 'still here'");
    }

    @Test
    void copyGoesBothWays() throws Exception {
        try (Connection connection = gateway.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TEMP TABLE item (id int, filler text)");
            var copy = connection.unwrap(PGConnection.class).getCopyAPI();
            StringBuilder lines = new StringBuilder();
            for (int i = 0; i < 100_000; i++) {
                lines.append(i).append("\tsome text that fills the line\n");
            }
            assertThat(copy.copyIn("COPY item FROM STDIN", new StringReader(lines.toString())))
                    .isEqualTo(100_000);
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            assertThat(copy.copyOut("COPY item TO STDOUT", out)).isEqualTo(100_000);
            assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo(lines.toString());
            assertThatThrownBy(() -> copy.copyIn("COPY item FROM STDIN", new StringReader("not a number\tx\n")))
                    .hasMessageContaining("invalid input syntax");
            assertThat(statement.executeUpdate("DELETE FROM item")).isEqualTo(100_000);
        }
        assertThat(own()).extracting(StatementRecord::type).containsExactly("CREATE", "COPY", "COPY", "COPY", "DELETE");
        assertThat(own().get(1).bytesFromClient()).isGreaterThan(3_000_000);
        assertThat(own().get(2).bytesToClient()).isGreaterThan(3_000_000);
    }

    @ParameterizedTest
    @ValueSource(strings = {"simple", "extended"})
    void aStatementThatFailsIsRecordedWithTheRowsThatItHasSent(String mode) throws Exception {
        try (Connection connection = gateway.connect("preferQueryMode", mode);
                Statement statement = connection.createStatement()) {
            assertThatThrownBy(() -> statement.executeQuery("SELECT 1 / (5 - i) FROM generate_series(1, 10) i"))
                    .hasMessageContaining("division by zero");
            assertThatThrownBy(() -> statement.executeQuery("SELECT 1 / 0")).hasMessageContaining("division by zero");
        }
        assertThat(own()).extracting(StatementRecord::rows).containsExactly(4L, 0L);
    }

    @Test
    void cancelEndsTheStatementAndNothingElse() throws Exception {
        try (Connection connection = gateway.connect();
                Statement statement = connection.createStatement()) {
            CompletableFuture<SQLException> failure = CompletableFuture.supplyAsync(() -> {
                try {
                    statement.execute("SELECT pg_sleep(60)");
                    return new SQLException("it was not cancelled");
                } catch (SQLException e) {
                    return e;
                }
            });
            TestWait.until(
                    "the statement runs",
                    () -> postgres.value("SELECT count(*) FROM pg_stat_activity"
                                    + " WHERE usename = 'ann' AND wait_event = 'PgSleep'")
                            .equals("1"));
            statement.cancel();
            assertThat(failure.get().getSQLState()).isEqualTo("57014");
            assertThat(connection.isValid(5)).isTrue();
        }
        assertThat(own().getFirst().outcome()).isInstanceOfSatisfying(StatementRecord.Outcome.Failed.class, failed -> {
            assertThat(failed.sqlState()).isEqualTo("57014");
        });
    }

    @Test
    void notificationsArriveWhileNothingRuns() throws Exception {
        try (Connection listener = gateway.connect();
                Connection sender = gateway.connect();
                Statement listen = listener.createStatement();
                Statement send = sender.createStatement()) {
            listen.execute("LISTEN news");
            send.execute("NOTIFY news, 'hello'");
            var notifications = listener.unwrap(PGConnection.class).getNotifications(60_000);
            assertThat(notifications).hasSize(1);
            assertThat(notifications[0].getParameter()).isEqualTo("hello");
            // By this, clients tell their own from others'.
            assertThat(notifications[0].getPID())
                    .isEqualTo(sender.unwrap(PGConnection.class).getBackendPID());
        }
    }

    @Test
    void noticesAmongRowsDisturbNothing() throws Exception {
        try (Connection connection = gateway.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE FUNCTION pg_temp.loud(i int) RETURNS int LANGUAGE plpgsql AS"
                    + " $$BEGIN RAISE NOTICE 'row %', i; RETURN i; END$$");
            try (ResultSet rows = statement.executeQuery("SELECT pg_temp.loud(i) FROM generate_series(1, 50) i")) {
                int seen = 0;
                while (rows.next()) {
                    seen++;
                }
                assertThat(seen).isEqualTo(50);
            }
        }
        assertThat(own().getLast().rows()).isEqualTo(50);
    }

    @Test
    void identityCannotBeShedBySql() throws Exception {
        try (Connection connection = gateway.connect();
                Statement statement = connection.createStatement()) {
            for (String attempt : List.of("RESET ALL", "DISCARD ALL", "RESET SESSION AUTHORIZATION", "RESET ROLE")) {
                statement.execute(attempt);
                try (ResultSet rows = statement.executeQuery("SELECT session_user || ' ' || current_user")) {
                    rows.next();
                    assertThat(rows.getString(1)).as(attempt).isEqualTo("ann ann");
                }
            }
        }
    }

    @Test
    void anInvalidStatementIsRecordedWhereItFails() throws Exception {
        try (Connection connection = gateway.connect();
                Statement statement = connection.createStatement()) {
            assertThatThrownBy(() -> statement.execute("SELEC 1")).hasMessageContaining("syntax error");
        }
        assertThat(own()).singleElement().satisfies(record -> {
            assertThat(record.text()).isEqualTo("SELEC 1");
            assertThat(record.parsed()).isFalse();
            assertThat(record.outcome()).isInstanceOf(StatementRecord.Outcome.Failed.class);
        });
    }
}
