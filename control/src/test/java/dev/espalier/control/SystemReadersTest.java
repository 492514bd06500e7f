package dev.espalier.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.control.request.ControlException;
import dev.espalier.identity.Principal;
import dev.espalier.identity.PrincipalKind;
import dev.espalier.journal.JournalSchema;
import dev.espalier.postgres.OsUser;
import dev.espalier.postgres.UnixSockets;
import dev.espalier.testing.TestInstallations;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The roles of those who read the database system, on a control database without a server around it. */
class SystemReadersTest {

    @TempDir
    private static Path directory;

    private static ControlDatabase database;
    private static Jdbi jdbi;
    private static SystemReaders readers;

    @BeforeAll
    static void open() throws IOException {
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        database = ControlDatabase.embedded(
                directory.resolve("system"), TestInstallations.bundled(), OsUser.forPostgres("espalier"));
        JournalSchema.migrate(database.dataSource());
        jdbi = database.jdbi();
        readers = new SystemReaders(jdbi, true);
        readers.prepare();
    }

    @AfterAll
    static void close() {
        database.close();
    }

    @Test
    void aTransactionThatTakesTooLongIsEndedWhateverItsSessionHasSet() throws SQLException {
        try (Connection slow = session(readers.role(made("slow"), Optional.empty()));
                Connection idle = session("slow");
                var statement = slow.createStatement()) {
            statement.execute("SET transaction_timeout = 0");
            statement.execute("BEGIN");
            statement.execute("SELECT count(*) FROM query.history");
            readers.endTransactionsLongerThan(Duration.ofMinutes(10));
            statement.execute("SELECT 1");

            readers.endTransactionsLongerThan(Duration.ZERO);

            assertThatThrownBy(() -> statement.execute("SELECT 1")).isInstanceOf(SQLException.class);
            idle.createStatement().execute("SELECT 1");
        }
    }

    @Test
    void whatAReaderSendsIsNotWrittenToTheLogWhichIsKeptSmall() throws IOException, SQLException {
        Path log = directory.resolve("system/log");
        try (Connection session = session(readers.role(made("failing"), Optional.empty()));
                var statement = session.createStatement()) {
            assertThatThrownBy(() -> statement.execute("SELECT 1/0 /* a secret */"))
                    .hasMessageContaining("by zero");
            assertThatThrownBy(() -> statement.execute("SELECT 'a secret'::int"))
                    .hasMessageContaining("a secret");
        }
        assertThat(log).content().doesNotContain("secret", "by zero");

        try (var file = new RandomAccessFile(log.toFile(), "rw")) {
            file.setLength((64 << 20) + 1);
        }
        database.trimLog();
        assertThat(Files.size(log)).isZero();
    }

    @Test
    void whatAnOlderEspalierHasGivenIsBroughtUnderTheRulesOfNow() throws SQLException {
        Principal old = made("old");
        Principal gone = made("gone");
        join(old);
        jdbi.useHandle(handle -> {
            handle.execute("CREATE ROLE old LOGIN IN ROLE system_readers");
            handle.execute("CREATE ROLE gone LOGIN IN ROLE system_readers");
        });

        readers.prepare();

        try (Connection session = session("old");
                var statement = session.createStatement()) {
            statement.execute("SELECT FROM access.audit");
            assertThatThrownBy(() -> statement.execute("SET ROLE system_readers"))
                    .hasMessageContaining("permission denied");
        }
        try (Connection session = session(gone.name());
                var statement = session.createStatement()) {
            assertThatThrownBy(() -> statement.execute("SELECT FROM access.audit"))
                    .hasMessageContaining("permission denied");
        }
        int limit = jdbi.withHandle(handle -> handle.select("SELECT rolconnlimit FROM pg_roles WHERE rolname = 'old'")
                .mapTo(Integer.class)
                .one());
        assertThat(limit).isPositive();
    }

    @Test
    void sessionsThatComeAtOnceFindOneRole() throws Exception {
        Principal many = made("many");
        join(many);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<String>> roles =
                    threads.invokeAll(Collections.nCopies(12, () -> readers.role(many, Optional.empty())));
            for (Future<String> role : roles) {
                assertThat(role.get()).isEqualTo("many");
            }
        }
    }

    @Test
    void whoIsCalledAsTheAdministratorsRoleDoesNotGetIt() {
        Principal called = made("system_readers");
        assertThatThrownBy(() -> readers.role(called, Optional.empty())).isInstanceOf(ControlException.class);
    }

    @Test
    void whoIsNoActivePrincipalAnyMoreGetsNoRole() {
        Principal inactive = made("inactive");
        setActive(inactive.name(), false);
        assertThatThrownBy(() -> readers.role(inactive, Optional.empty())).hasMessageContaining("no active principal");
    }

    @Test
    void whoIsDeactivatedOrHasAnAgentThatIsLosesTheSession() throws SQLException {
        Principal person = made("person");
        made("helper");
        jdbi.useHandle(handle ->
                handle.execute("UPDATE control.principal SET kind = 'SERVICE_PRINCIPAL' WHERE name = 'helper'"));
        try (Connection own = session(readers.role(person, Optional.empty()));
                Connection helpers = session(readers.role(person, Optional.of("helper")))) {
            readers.settle();
            own.createStatement().execute("SELECT 1");
            helpers.createStatement().execute("SELECT 1");

            setActive("helper", false);
            readers.settle();
            assertThatThrownBy(() -> helpers.createStatement().execute("SELECT 1"))
                    .isInstanceOf(SQLException.class);
            assertThatThrownBy(() -> readers.role(person, Optional.of("helper")))
                    .hasMessageContaining("not active");
            own.createStatement().execute("SELECT 1");

            setActive("person", false);
            readers.settle();
            assertThatThrownBy(() -> own.createStatement().execute("SELECT 1")).isInstanceOf(SQLException.class);
        }
    }

    @Test
    void whoHasAnAgentOfARemovedOnesNameReadsWhatWasSaidThroughItSinceItIsThere() throws SQLException {
        Principal person = made("told");
        agent("first-id", "courier");
        said("told", "courier", "SELECT 'through the first'");
        jdbi.useHandle(handle -> handle.execute("DELETE FROM control.principal WHERE uid = 'first-id'"));
        agent("second-id", "courier");
        said("told", "courier", "SELECT 'through the second'");

        assertThat(history(readers.role(person, Optional.of("courier"))))
                .containsExactly("SELECT 'through the second'");
        assertThat(history(readers.role(person, Optional.empty())))
                .containsExactly("SELECT 'through the first'", "SELECT 'through the second'");
    }

    private static void agent(String uid, String name) {
        jdbi.useHandle(handle -> PrincipalTable.insert(
                handle,
                uid,
                new Directory.NewPrincipal(
                        PrincipalKind.SERVICE_PRINCIPAL, name, Optional.empty(), Optional.empty(), true, Set.of())));
    }

    private static void said(String principal, String agent, String text) {
        jdbi.useHandle(handle -> {
            handle.execute("CREATE TABLE IF NOT EXISTS journal.origin_all PARTITION OF journal.origin DEFAULT");
            handle.execute("CREATE TABLE IF NOT EXISTS journal.statement_all PARTITION OF journal.statement DEFAULT");
            handle.execute("""
                    WITH origin AS (
                        INSERT INTO journal.origin (start_date, journal_id, origin, principal, agent)
                        VALUES ((clock_timestamp() AT TIME ZONE 'UTC')::date, gen_random_uuid(), 1, ?, ?)
                        RETURNING journal_id
                    )
                    INSERT INTO journal.statement (journal_id, journal_sequence, origin, start_time, duration_ns,
                        first_row_ns, cpu_time_ns, row_count, bytes_to_client, bytes_from_client, truncated, parsed,
                        statement_text)
                    SELECT journal_id, 1, 1, clock_timestamp(), 0, 0, 0, 0, 0, 0, false, true, ? FROM origin
                    """, principal, agent, text);
        });
    }

    private static List<String> history(String role) throws SQLException {
        List<String> texts = new ArrayList<>();
        try (Connection session = session(role);
                var statement = session.createStatement();
                var rows = statement.executeQuery("SELECT statement_text FROM query.history ORDER BY start_time")) {
            while (rows.next()) {
                texts.add(rows.getString(1));
            }
        }
        return texts;
    }

    private static void setActive(String name, boolean active) {
        jdbi.useHandle(
                handle -> handle.execute("UPDATE control.principal SET active = ? WHERE name = ?", active, name));
    }

    private static Principal made(String name) {
        jdbi.useHandle(handle -> PrincipalTable.insert(
                handle,
                "id-" + name,
                new Directory.NewPrincipal(
                        PrincipalKind.USER, name, Optional.empty(), Optional.empty(), true, Set.of())));
        return new Principals(jdbi).named(name).orElseThrow();
    }

    private static void join(Principal principal) {
        jdbi.useHandle(handle -> PrincipalTable.join(
                handle,
                PrincipalTable.named(handle, principal.name()).orElseThrow().id(),
                PrincipalTable.administrators(handle)));
    }

    private static Connection session(String role) throws SQLException {
        return UnixSockets.dataSource(database.socketDirectory().orElseThrow(), ControlDatabase.NAME, role)
                .getConnection();
    }
}
