package dev.espalier.governance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.testing.TestWait;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.postgresql.util.PSQLException;

/** Two who write a masked table at once: no change is lost. */
@ExtendWith(Servers.class)
class ConcurrentWritingTest {

    private static final String TAKE_ONE = "UPDATE orders SET amount = amount - 1 WHERE id = 3";

    static int[] versions() {
        return Servers.versions();
    }

    /** The statement of a session that has to wait for another. */
    private static CompletableFuture<Integer> waiting(Shop shop, Connection session, String sql) throws SQLException {
        String process = Shop.read(session, "SELECT pg_backend_pid()").getFirst();
        CompletableFuture<Integer> answer = CompletableFuture.supplyAsync(() -> {
            try (var statement = session.createStatement()) {
                return statement.executeUpdate(sql);
            } catch (SQLException e) {
                throw new CompletionException(e);
            }
        });
        TestWait.until(
                () -> Shop.read(shop.admin, "SELECT wait_event_type FROM pg_stat_activity WHERE pid = " + process)
                        .getFirst()
                        .equals("Lock"));
        return answer;
    }

    private static void assertMustTryAgain(CompletableFuture<Integer> answer) {
        assertThatThrownBy(answer::join).cause().isInstanceOfSatisfying(PSQLException.class, e -> {
            assertThat(e.getSQLState()).isEqualTo("40001");
            assertThat(e.getMessage()).contains("concurrent update");
            assertThat(e.getServerErrorMessage().getHint()).contains("Try again", "FOR UPDATE");
        });
    }

    @ParameterizedTest
    @MethodSource("versions")
    void whatAnotherHasChangedSinceIsNotOverwritten(int version, Servers.Running servers) throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            shop.govern();
            try (Connection first = shop.as(shop.writer);
                    Connection second = shop.as(shop.writer)) {
                Shop.run(first, "BEGIN", TAKE_ONE);
                CompletableFuture<Integer> answer = waiting(shop, second, TAKE_ONE);
                Shop.run(first, "COMMIT");
                assertMustTryAgain(answer);
                Shop.run(second, TAKE_ONE);
                assertThat(Shop.read(shop.admin, "SELECT amount FROM app.orders WHERE id = 3"))
                        .containsExactly("1");

                // As Hibernate's @Version; here amount is the version.
                Shop.run(first, "BEGIN", "UPDATE orders SET customer_id = 8, amount = 2 WHERE id = 3 AND amount = 1");
                answer = waiting(
                        shop, second, "UPDATE orders SET customer_id = 9, amount = 2 WHERE id = 3 AND amount = 1");
                Shop.run(first, "COMMIT");
                assertMustTryAgain(answer);

                // Also one that would change nothing of the row as it has seen it.
                Shop.run(first, "BEGIN", TAKE_ONE);
                answer = waiting(shop, second, "UPDATE orders SET amount = 2 WHERE id = 3");
                Shop.run(first, "COMMIT");
                assertMustTryAgain(answer);

                Shop.run(first, "BEGIN", TAKE_ONE);
                answer = waiting(shop, second, "DELETE FROM orders WHERE id = 3 AND amount = 1");
                Shop.run(first, "COMMIT");
                assertThat(answer.join()).as("PostgreSQL looks again itself").isZero();

                Shop.run(first, "BEGIN", "DELETE FROM orders WHERE id = 3");
                answer = waiting(shop, second, TAKE_ONE);
                Shop.run(first, "COMMIT");
                assertThat(answer.join()).as("a row that is gone").isZero();
            }
            assertThat(shop.probe()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void whatIsAsItWasShownIsWritten(int version, Servers.Running servers) throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            shop.govern();
            try (Connection first = shop.as(shop.writer);
                    Connection second = shop.as(shop.writer);
                    Connection exempt = shop.as(shop.exempt)) {
                Shop.run(first, "BEGIN", TAKE_ONE);
                CompletableFuture<Integer> answer = waiting(shop, second, TAKE_ONE);
                Shop.run(first, "ROLLBACK");
                assertThat(answer.join()).isEqualTo(1);

                Shop.run(exempt, "BEGIN", "UPDATE orders SET ship_to = 'elsewhere' WHERE id = 3");
                answer = waiting(shop, second, TAKE_ONE);
                Shop.run(exempt, "COMMIT");
                assertThat(answer.join()).as("a change that is masked for him").isEqualTo(1);
                assertThat(Shop.read(shop.admin, "SELECT amount, ship_to FROM app.orders WHERE id = 3"))
                        .containsExactly("1|elsewhere");

                Shop.run(first, "BEGIN", TAKE_ONE);
                Shop.run(second, "BEGIN");
                answer = waiting(
                        shop, second, "DO 'BEGIN PERFORM FROM orders WHERE id = 3 FOR UPDATE; " + TAKE_ONE + "; END'");
                Shop.run(first, "COMMIT");
                assertThat(answer.join()).as("who reads FOR UPDATE before").isZero();
                Shop.run(second, "COMMIT");
                assertThat(Shop.read(shop.admin, "SELECT amount FROM app.orders WHERE id = 3"))
                        .containsExactly("-1");

                Shop.run(first, "BEGIN", "UPDATE customers SET born = born + 1 WHERE id = 4");
                Shop.run(second, "INSERT INTO orders (customer_id, amount) VALUES (4, 1)");
                Shop.run(first, "COMMIT");
            }
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void aTransactionIsNotInItsOwnWay(int version, Servers.Running servers) throws SQLException {
        try (Shop shop = new Shop(servers, version)) {
            shop.govern();
            try (Connection session = shop.as(shop.writer)) {
                Shop.run(
                        session,
                        "UPDATE orders o SET amount = v.amount FROM (VALUES (3, -1), (3, -2)) v (id, amount) WHERE o.id = v.id",
                        "BEGIN",
                        TAKE_ONE,
                        "SAVEPOINT a",
                        TAKE_ONE,
                        "UPDATE orders o SET amount = v.amount FROM (VALUES (3, -1), (3, -2)) v (id, amount) WHERE o.id = v.id",
                        "RELEASE a",
                        "SAVEPOINT b",
                        TAKE_ONE,
                        "ROLLBACK TO b",
                        TAKE_ONE,
                        "COMMIT");
                assertThat(Shop.read(session, "SELECT amount BETWEEN -3 AND -2 FROM orders WHERE id = 3"))
                        .containsExactly("t");
            }
        }
    }
}
