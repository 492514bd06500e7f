package dev.espalier.control;

import static dev.espalier.control.TestPlane.CALLER;
import static dev.espalier.control.TestPlane.PLAIN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.storage.Backend;
import dev.espalier.testing.TestWait;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sessions that are kept for the next use leave nothing to it, and stand in nobody's way. */
class WarmSessionsTest {

    private static final String DATABASE = "databricks_postgres";
    private static final String PID = "SELECT pg_backend_pid()";

    @TempDir
    static Path directory;

    private static TestPlane test;
    private static String endpoint = "";

    private final WarmSessions warm = new WarmSessions(test.engine);

    @BeforeAll
    static void start() {
        test = TestPlane.start(directory, Backend.COPY);
        test.succeed(test.plane.projects().create(CALLER, "shop", PLAIN));
        endpoint = test.plane
                .endpoints()
                .get("shop", "production", Endpoint.PRIMARY)
                .uid();
    }

    @AfterAll
    static void stop() {
        test.close();
        TestPlane.stopLeftovers(directory);
    }

    @AfterEach
    void close() {
        warm.close();
    }

    private String ask(String database, String... statements) throws SQLException {
        return warm.with(endpoint, database, true, session -> {
            String answer = "";
            for (String sql : statements) {
                answer = value(session, sql);
            }
            return answer;
        });
    }

    private static String value(Connection session, String sql) throws SQLException {
        try (var statement = session.createStatement()) {
            if (!statement.execute(sql)) {
                return "";
            }
            var rows = statement.getResultSet();
            rows.next();
            return rows.getString(1);
        }
    }

    @Test
    void theNextUseHasTheSameSessionWithoutWhatWasSet() throws SQLException {
        test.query("production", "SELECT 1");
        String path = ask(DATABASE, "SHOW search_path");
        // It is kept for two seconds, which a machine that stands still may miss.
        TestWait.until(
                "a session to be used again",
                () -> ask(DATABASE, "SET search_path = nowhere", "SET ROLE pg_monitor", PID)
                        .equals(ask(DATABASE, PID)));
        assertThat(ask(DATABASE, "SHOW search_path")).isEqualTo(path);
        assertThat(ask(DATABASE, "SELECT current_user")).isEqualTo("espalier");
    }

    @Test
    void aSessionThatFailedIsNotUsedAgain() throws SQLException {
        test.query("production", "SELECT 1");
        String pid = ask(DATABASE, PID);
        assertThatThrownBy(() -> ask(DATABASE, "SELECT 1 / 0")).isInstanceOf(SQLException.class);
        assertThat(ask(DATABASE, PID)).isNotEqualTo(pid);
    }

    @Test
    void anEndpointThatWasStartedAnewHasNewSessions() throws SQLException {
        test.query("production", "SELECT 1");
        String pid = ask(DATABASE, PID);
        test.succeed(test.plane.endpoints().suspend(CALLER, "shop", "production", Endpoint.PRIMARY));
        test.query("production", "SELECT 1");
        assertThat(ask(DATABASE, PID)).isNotEqualTo(pid);
    }

    @Test
    void aDatabaseIsCopiedAndDroppedThoughASessionIsKeptInIt() throws SQLException {
        test.execute("production", "CREATE DATABASE app");
        ask("app", PID);
        test.execute("production", "CREATE DATABASE copy TEMPLATE app");
        ask("app", PID);
        test.execute("production", "DROP DATABASE app");
        test.execute("production", "DROP DATABASE copy");
    }
}
