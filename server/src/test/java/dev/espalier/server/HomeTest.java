package dev.espalier.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.espalier.postgres.OsUser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where the data of a home lie, by who may pass to it. */
class HomeTest {

    @TempDir
    Path place;

    private Path home = Path.of("");
    private Path shared = Path.of("");
    private OsUser user = OsUser.current();

    @BeforeEach
    void nameTheDirectories() {
        home = place.resolve("home");
        shared =
                Path.of("/var/lib/espalier", Integer.toHexString(home.toString().hashCode()));
    }

    private void dropToAnotherUser() {
        assumeTrue(user.uid() == 0, "only root drops to another user");
        user = OsUser.forPostgres("espalier");
    }

    @AfterEach
    void removeTheSharedDirectory() throws IOException {
        if (Files.isDirectory(shared)) {
            for (String name : new String[] {"espalier-format", "lock"}) {
                Files.deleteIfExists(shared.resolve(name));
            }
            Files.delete(shared);
        }
    }

    private void othersMayPass(boolean may) throws IOException {
        Files.setPosixFilePermissions(place, PosixFilePermissions.fromString(may ? "rwx--x--x" : "rwx------"));
    }

    @Test
    void whoOnlyLooksWhetherAServerRunsKeepsNoneFromStarting() throws Exception {
        Home.open(home).close();
        Process looking = new ProcessBuilder(
                        System.getProperty("java.home") + "/bin/java",
                        "-cp",
                        System.getProperty("java.class.path"),
                        LookingProcess.class.getName(),
                        home.resolve("lock").toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        assertThat(looking.inputReader().readLine()).isEqualTo("true");
        assertThat(Home.isHeld(home)).isFalse();
        FutureTask<Path> opening = new FutureTask<>(() -> {
            try (Home held = Home.open(home)) {
                return held.path();
            }
        });
        Thread opener = Thread.ofPlatform().start(opening);
        while (opener.getState() != Thread.State.TIMED_WAITING && opener.isAlive()) {
            Thread.onSpinWait();
        }
        assertThat(opening).isNotDone();
        looking.outputWriter().close();
        assertThat(opening.get()).isEqualTo(home);
        assertThat(looking.waitFor()).isZero();
    }

    private Path start() {
        try (Home held = Home.open(home)) {
            return held.dataDirectory(Optional.empty(), user);
        }
    }

    @Test
    void dataStayWhereTheyAreWhenOthersMayPassToTheHomeLater() throws IOException {
        dropToAnotherUser();
        othersMayPass(false);
        assertThat(start()).isEqualTo(shared);
        othersMayPass(true);
        assertThat(start()).isEqualTo(shared);
    }

    @Test
    void dataInAHomeThatOthersMayNotPassToAnyMoreAreRefusedAndNotReplaced() throws IOException {
        dropToAnotherUser();
        othersMayPass(true);
        Path data = start();
        assertThat(data).isEqualTo(home.resolve("data"));
        othersMayPass(false);
        assertThatThrownBy(this::start)
                .isInstanceOf(StartException.class)
                .hasMessageContainingAll(user.name() + ", whom PostgreSQL runs as, cannot get to " + data, "chmod o+x");
        assertThat(shared).doesNotExist();
    }

    @Test
    void whereBothDirectoriesHaveDataNeitherIsGuessed() throws IOException {
        dropToAnotherUser();
        othersMayPass(true);
        Path inHome = start();
        Files.createDirectories(shared);
        Files.copy(inHome.resolve("espalier-format"), shared.resolve("espalier-format"));
        assertThatThrownBy(this::start)
                .isInstanceOf(StartException.class)
                .hasMessageContainingAll(inHome.toString(), shared.toString(), "name that directory in data.directory");
        try (Home held = Home.open(home)) {
            assertThat(held.dataDirectory(Optional.of(shared), user)).isEqualTo(shared);
        }
    }

    @Test
    void dataWhereServersWouldHaveTooLongSocketPathsAreRefusedAtTheStart() throws IOException {
        Path data = home.resolve("d".repeat(100));
        try (Home held = Home.open(home)) {
            assertThatThrownBy(() -> held.dataDirectory(Optional.of(data), OsUser.current()))
                    .isInstanceOf(StartException.class)
                    .hasMessageContainingAll("the path of the socket", "Choose a shorter data directory");
        }
    }

    @Test
    void aFirstStartThatWasKilledWhileItMarkedItsDirectoriesIsGoneOnWith() throws IOException {
        Path data = home.resolve("data");
        Files.createDirectories(data);
        Files.writeString(home.resolve("espalier-format.unfinished"), "");
        Files.writeString(data.resolve("espalier-format.unfinished"), "");
        try (Home held = Home.open(home)) {
            assertThat(held.dataDirectory(Optional.of(data), OsUser.current())).isEqualTo(data);
        }
    }
}
