package dev.espalier.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.postgres.OsUser;
import dev.espalier.postgres.RunningServers;
import dev.espalier.testing.TestInstallations;
import dev.espalier.testing.TestWait;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.jdbi.v3.core.ConnectionException;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ControlDatabaseTest {

    @TempDir
    private Path directory;

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
