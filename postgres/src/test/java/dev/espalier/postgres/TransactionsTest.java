package dev.espalier.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TransactionsTest {

    @TempDir
    Path temporary;

    private PostgresServer server;

    @BeforeEach
    void start() throws Exception {
        server = TestServer.start(temporary, Map.of());
    }

    @AfterEach
    void stop() {
        RunningServers.stopAll(temporary);
    }

    @Test
    void whatEndsTheSessionIsTheFailureThatIsToldOf() throws Exception {
        try (Connection session = server.connect("postgres")) {
            assertThatThrownBy(() -> Transactions.commit(
                            session, () -> execute(session, "SELECT pg_terminate_backend(pg_backend_pid())")))
                    .isInstanceOfSatisfying(
                            SQLException.class,
                            failure -> assertThat(failure.getSQLState()).isEqualTo("57P01"))
                    .satisfies(failure -> assertThat(failure.getSuppressed()).hasSize(1));
        }
    }

    @Test
    void whatFailsIsRolledBackAndTheSessionCommitsByItselfAgain() throws Exception {
        try (Connection session = server.connect("postgres")) {
            execute(session, "CREATE TABLE public.held (id int)");
            assertThatThrownBy(() -> Transactions.commit(session, () -> {
                        execute(session, "INSERT INTO public.held VALUES (1)");
                        throw new IllegalStateException("not that");
                    }))
                    .hasMessage("not that")
                    .hasNoSuppressedExceptions();
            assertThat(session.getAutoCommit()).isTrue();
            assertThat(rows(session)).isZero();
        }
    }

    @Test
    void whatSucceedsIsCommittedOrRolledBackAsIsSaid() throws Exception {
        try (Connection session = server.connect("postgres")) {
            execute(session, "CREATE TABLE public.held (id int)");
            Transactions.commit(session, () -> execute(session, "INSERT INTO public.held VALUES (1)"));
            assertThat(Transactions.committed(session, () -> rows(session))).isEqualTo(1);
            assertThat(Transactions.rolledBack(session, () -> {
                        execute(session, "INSERT INTO public.held VALUES (2)");
                        return rows(session);
                    }))
                    .isEqualTo(2);
            assertThat(rows(session)).isEqualTo(1);
            assertThat(session.getAutoCommit()).isTrue();
        }
    }

    private static void execute(Connection session, String sql) throws SQLException {
        try (var statement = session.createStatement()) {
            statement.execute(sql);
        }
    }

    private static int rows(Connection session) throws SQLException {
        try (var statement = session.createStatement();
                var rows = statement.executeQuery("SELECT count(*) FROM public.held")) {
            rows.next();
            return rows.getInt(1);
        }
    }
}
