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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ControlDatabaseTest {

    @TempDir
    private Path directory;

    @Test
    void aServerThatHasEndedIsToldOfAndStartedAgainWithWhatWasInIt() throws Exception {
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path system = directory.resolve("system");
        try (ControlDatabase database =
                ControlDatabase.embedded(system, TestInstallations.bundled(), OsUser.forPostgres("espalier"))) {
            assertThatCode(database::requireServer).doesNotThrowAnyException();
            database.jdbi().useHandle(handle -> handle.execute("CREATE TABLE kept AS SELECT 1 AS v"));

            RunningServers.stopAll(system);
            TestWait.until("its end to be seen", () -> {
                assertThatThrownBy(database::requireServer)
                        .isInstanceOf(ControlException.class)
                        .hasMessageContainingAll("has ended and is being started again", system.toString());
                return true;
            });

            database.startAgainIfEnded();
            assertThatCode(database::requireServer).doesNotThrowAnyException();
            int kept = database.jdbi()
                    .withHandle(handle ->
                            handle.select("SELECT v FROM kept").mapTo(int.class).one());
            assertThat(kept).isEqualTo(1);
        }
        assertThat(RunningServers.on(system)).isEmpty();
    }
}
