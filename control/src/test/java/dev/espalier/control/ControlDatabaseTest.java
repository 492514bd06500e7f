package dev.espalier.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.espalier.control.request.ControlException;
import dev.espalier.postgres.OsUser;
import dev.espalier.postgres.PostgresInstallation;
import dev.espalier.postgres.RunningServers;
import dev.espalier.postgres.UnixSockets;
import dev.espalier.testing.TestInstallations;
import dev.espalier.testing.TestWait;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import org.jdbi.v3.core.ConnectionException;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ControlDatabaseTest {

    @TempDir
    private Path directory;

    @Test
    void theLimitOfTemporaryFilesBindsReadersAndNotEspaliersOwnSessions() throws Exception {
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        try (ControlDatabase database = ControlDatabase.embedded(
                directory.resolve("system"), TestInstallations.bundled(), OsUser.forPostgres("espalier"))) {
            String show = "SHOW temp_file_limit";
            database.jdbi().useHandle(handle -> handle.execute("CREATE ROLE reader LOGIN"));
            Jdbi reader = Jdbi.create(
                    UnixSockets.dataSource(database.socketDirectory().orElseThrow(), ControlDatabase.NAME, "reader"));
            assertThat(only(reader, show)).isEqualTo("1GB");
            assertThat(only(database.jdbi(), show)).isEqualTo("-1");
            assertThat(only(Jdbi.create(database.dataSource()), show)).isEqualTo("-1");
        }
    }

    @Test
    void whatFailsBecauseTheControlDatabaseGoesAwayMeanwhileMayBeTriedAgain() throws Exception {
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        try (ControlDatabase database = ControlDatabase.embedded(
                directory.resolve("system"), TestInstallations.bundled(), OsUser.forPostgres("espalier"))) {
            assertThat(refusal(database, "SELECT pg_terminate_backend(pg_backend_pid())"))
                    .hasValueSatisfying(refused -> {
                        assertThat(refused.code()).isEqualTo(ControlException.Code.TEMPORARILY_UNAVAILABLE);
                        assertThat(refused).hasMessageContaining("the control database cannot be asked");
                    });
            assertThat(refusal(database, "SELECT 1/0")).isEmpty();
        }
    }

    private static Optional<ControlException> refusal(ControlDatabase database, String statement) {
        JdbiException failure = catchThrowableOfType(
                JdbiException.class, () -> database.jdbi().useHandle(handle -> handle.execute(statement)));
        return ControlException.of(failure);
    }

    @Test
    void anotherEncodingThanUtf8IsRefusedWithWhatToDo() throws Exception {
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        try (ControlDatabase database = ControlDatabase.embedded(
                directory.resolve("system"), TestInstallations.bundled(), OsUser.forPostgres("espalier"))) {
            database.jdbi().useHandle(handle -> {
                handle.execute("CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0");
                handle.execute("CREATE DATABASE unicode ENCODING 'UTF8' TEMPLATE template0");
            });
            Path socket = database.socketDirectory().orElseThrow().resolve(".s.PGSQL.5432");
            String url = "jdbc:postgresql://localhost/%s?sslmode=disable&gssEncMode=disable"
                    + "&socketFactory=org.newsclub.net.unix.AFUNIXSocketFactory$FactoryArg&socketFactoryArg=" + socket;
            String user = PostgresInstallation.SUPERUSER;
            assertThatThrownBy(() -> ControlDatabase.external(url.formatted("latin"), user, ""))
                    .hasMessageContainingAll("LATIN1", "ENCODING 'UTF8'", "control.url");
            ControlDatabase.external(url.formatted("unicode"), user, "").close();
        }
    }

    private static String only(Jdbi jdbi, String query) {
        return jdbi.withHandle(
                handle -> handle.select(query).mapTo(String.class).one());
    }

    @Test
    void aServerThatHasEndedIsToldOfAtOnceAndStartedAgainAsSoonAsThatWorks() throws Exception {
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path system = directory.resolve("system");
        try (ControlDatabase database =
                ControlDatabase.embedded(system, TestInstallations.bundled(), OsUser.forPostgres("espalier"))) {
            Jdbi jdbi = database.jdbi();
            jdbi.useHandle(handle -> handle.execute("CREATE TABLE kept AS SELECT 1 AS v"));

            Files.move(system.resolve("data"), system.resolve("away"));
            RunningServers.stopAll(system);
            TestWait.until("its end to be seen", () -> {
                assertThatThrownBy(database::requireServer).isInstanceOf(ConnectionException.class);
                return true;
            });
            assertThatThrownBy(() -> jdbi.useHandle(handle -> {}))
                    .isInstanceOfSatisfying(
                            ConnectionException.class,
                            lost -> assertThat(ControlException.of(lost))
                                    .hasValueSatisfying(refused -> assertThat(refused)
                                            .hasMessageContainingAll(
                                                    "has ended and is being started again", system.toString())));

            Files.move(system.resolve("away"), system.resolve("data"));
            TestWait.until("it to be started again", () -> {
                database.requireServer();
                return true;
            });
            int kept = jdbi.withHandle(handle ->
                    handle.select("SELECT v FROM kept").mapTo(int.class).one());
            assertThat(kept).isEqualTo(1);
            assertThatCode(database::requireServer).doesNotThrowAnyException();
        }
        assertThat(RunningServers.on(system)).isEmpty();
    }
}
