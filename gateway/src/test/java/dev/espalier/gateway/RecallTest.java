package dev.espalier.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.testing.TestWait;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.postgresql.util.PSQLException;

/** Sessions that are ended by whoever let them in. */
class RecallTest extends GatewayTest {

    private static final Refusal WHY = new Refusal("57P01", "the rules have changed", "Connect again.");

    private Recall recall = new Recall();

    @BeforeEach
    void routeWithIt() {
        recall = new Recall();
        gateway.ports.recall = recall;
    }

    @AfterEach
    void routeWithout() {
        gateway.ports.recall = new Recall();
    }

    @Test
    void aSessionThatRestsIsEndedAndHearsWhy() throws SQLException {
        try (Connection connection = gateway.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("SELECT 1");
            recall.call(WHY);
            assertEnded(statement);
        }
        nothingIsOpen();
    }

    @Test
    void aStatementThatRunsComesToItsEndAndNothingBehindItBegins() throws Exception {
        try (Connection holder = postgres.connect("catalog");
                Statement hold = holder.createStatement();
                Connection connection = gateway.connect();
                Statement statement = connection.createStatement()) {
            hold.execute("SELECT pg_advisory_lock(1)");
            connection.setAutoCommit(false);
            statement.execute("SELECT 1");
            CompletableFuture<Integer> answer = CompletableFuture.supplyAsync(() -> {
                try (ResultSet rows = statement.executeQuery("SELECT 7 FROM pg_advisory_lock(1)")) {
                    rows.next();
                    return rows.getInt(1);
                } catch (SQLException e) {
                    throw new IllegalStateException(e);
                }
            });
            TestWait.until(
                    "the statement runs",
                    () -> postgres.value("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'advisory'")
                            .equals("1"));
            recall.call(WHY);
            hold.execute("SELECT pg_advisory_unlock(1)");
            assertThat(answer.get()).isEqualTo(7);
            assertEnded(statement);
        }
    }

    @Test
    void aSessionThatWasRecalledBeforeItBeganEndsAtOnce() {
        recall.call(WHY);
        assertThatThrownBy(() -> {
                    try (Connection connection = gateway.connect();
                            Statement statement = connection.createStatement()) {
                        statement.execute("SELECT 1");
                    }
                })
                .isInstanceOf(SQLException.class);
        nothingIsOpen();
    }

    private static void assertEnded(Statement statement) {
        assertThatThrownBy(() -> statement.execute("SELECT 2"))
                .isInstanceOfSatisfying(
                        PSQLException.class, e -> assertThat(e.getSQLState()).isIn("57P01", "08006"))
                .hasMessageContaining("the rules have changed");
    }
}
