package dev.espalier.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.cli.client.Home;
import dev.espalier.cli.client.Json;
import dev.espalier.testing.TestWait;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;

/** Starting and stopping the server's process. */
class UpAndDownTest {
    @RegisterExtension
    final CommandFixture command = new CommandFixture();

    UpAndDownTest() throws IOException {}

    @BeforeEach
    void standInForTheServer() throws IOException {
        Files.delete(command.home.resolve("server.json"));
        Path launcher = Files.writeString(command.home.resolve("launcher"), """
                #!/bin/sh
                [ "$1" = server ] || exit 9
                shift
                ESPALIER_HOME='%s' CLASSPATH='%s' exec '%s/bin/java' dev.espalier.cli.ServerStandIn dev.espalier.server.Main "$@"
                """.formatted(
                        command.home, System.getProperty("java.class.path"), System.getProperty("java.home")));
        Files.setPosixFilePermissions(launcher, PosixFilePermissions.fromString("rwxr-xr-x"));
        command.launcher = Optional.of(launcher);
    }

    @AfterEach
    void stop() {
        command.line("down");
    }

    @Test
    void upStartsAServerThatStaysAndDownEndsIt() throws IOException {
        CommandFixture.Run up = command.line("up --storage auto -- --host 0.0.0.0");
        assertThat(up.exitCode()).as(up.err()).isZero();
        assertThat(up.out()).startsWith("Espalier is up at http://127.0.0.1:");
        ProcessHandle server = ServerProcess.find(new Home(command.home)).orElseThrow();
        assertThat(Files.readString(command.home.resolve("log/server.log"))).contains("--storage auto --host 0.0.0.0");

        CommandFixture.Run again = command.line("up");
        assertThat(again.exitCode()).isZero();
        assertThat(again.out()).startsWith("Espalier is up already at").contains("process " + server.pid());

        CommandFixture.Run down = command.line("down");
        assertThat(down.exitCode()).isZero();
        assertThat(down.out()).isEqualTo("Espalier has stopped (process " + server.pid() + ").\n");
        assertThat(ServerProcess.hasEnded(server)).isTrue();
    }

    @Test
    void aServerThatEndsWhileStartingIsExplainedByItsOwnLogOnly() throws IOException {
        Files.createDirectories(command.home.resolve("log"));
        Files.writeString(command.home.resolve("log/server.log"), "an older failure\n");
        CommandFixture.Run up = command.line("up --broken");
        assertThat(up.exitCode()).isEqualTo(1);
        assertThat(up.err())
                .contains("ended while starting", "./espalier doctor --fix")
                .doesNotContain("older");
    }

    @Test
    void aSettingThatTheServerDoesNotKnowIsAWrongCommandLineWhetherItRunsOrNot() {
        CommandFixture.Run first = command.line("up --unknown");
        assertThat(first.exitCode()).isEqualTo(2);
        assertThat(first.err()).contains("\"unknown\" in the command line is no setting");

        assertThat(command.line("up").exitCode()).isZero();
        CommandFixture.Run again = command.line("up --unknown");
        assertThat(again.exitCode()).isEqualTo(2);
        assertThat(again.err()).contains("\"unknown\" in the command line is no setting");
    }

    /** As in a container whose first process takes note of nobody's end. */
    @Test
    void aServerThatHasEndedAndOfWhomNobodyTakesNoteIsNotWaitedFor() throws Exception {
        Process careless = new ProcessBuilder("sh", "-c", "sleep 600 & echo $!; exec sleep 601").start();
        try (var standing = careless.inputReader()) {
            ProcessHandle child =
                    ProcessHandle.of(Long.parseLong(standing.readLine())).orElseThrow();
            TestWait.until(
                    "the shell has become sleep",
                    () -> careless.info().command().orElse("").endsWith("sleep"));
            child.destroyForcibly();
            TestWait.until("the child has ended", () -> ServerProcess.hasEnded(child));
            assertThat(child.isAlive()).isTrue();
        } finally {
            careless.destroy();
        }
    }

    @Test
    void settingsForAServerThatRunsAreSaidToChangeNothing() {
        assertThat(command.line("up").exitCode()).isZero();
        CommandFixture.Run again = command.line("up --http.port=1");
        assertThat(again.exitCode()).isZero();
        assertThat(again.err()).contains("--http.port=1 changes nothing", "./espalier down");
    }

    @Test
    void withJsonOutputUpAndDownPrintJson() {
        JsonNode up = Json.parse(command.line("up -o json").out());
        assertThat(up.path("http_url").asString("")).startsWith("http://127.0.0.1:");
        assertThat(up.path("home").asString("")).isEqualTo(command.home.toString());
        JsonNode down = Json.parse(command.line("down -o json").out());
        assertThat(down.path("pid").asLong()).isEqualTo(up.path("pid").asLong());
        assertThat(command.line("down -o json").out()).isEqualTo("{\"postgres_servers\":0}\n");
    }

    @Test
    void downStopsWhatAKilledServerHasLeftRunning() throws IOException {
        Path launcher = command.launcher.orElseThrow();
        Files.writeString(launcher, Files.readString(launcher).replace("ESPALIER_HOME=", "LEFT=3 ESPALIER_HOME="));
        assertThat(command.line("down").out()).contains("No Espalier server runs", "3 PostgreSQL servers");
    }

    @Test
    void downIsFineWhenNothingRuns() {
        CommandFixture.Run down = command.line("down");
        assertThat(down.exitCode()).isZero();
        assertThat(down.out()).contains("No Espalier server runs");
    }

    @Test
    void downLeavesAProcessAloneThatOnlyHasTheNumberOfADeadServer() throws IOException {
        assertThat(command.line("up").exitCode()).isZero();
        ProcessHandle ofAnotherHome = ServerProcess.find(new Home(command.home)).orElseThrow();
        Path lock = command.home.resolve("lock");
        Path held = Files.move(lock, command.home.resolve("lock of another home"));
        Files.writeString(lock, Long.toString(ofAnotherHome.pid()));

        assertThat(command.line("down").out()).contains("No Espalier server runs");

        assertThat(ofAnotherHome.isAlive()).isTrue();
        Files.move(held, lock, StandardCopyOption.REPLACE_EXISTING);
    }

    @Test
    void downEndsAServerThatIsStillStarting() {
        CommandFixture.Run up = command.line("up --timeout 1s --slow");
        assertThat(up.exitCode()).isEqualTo(6);
        assertThat(up.err()).contains("./espalier down ends it");
        long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (ServerProcess.find(new Home(command.home)).isEmpty()) {
            assertThat(System.nanoTime()).as("has taken its home").isLessThan(deadline);
            Thread.onSpinWait();
        }

        assertThat(command.line("down").out()).startsWith("Espalier has stopped (process ");
    }

    @Test
    void whatHoldsTheHomeAndIsNoServerIsNotEnded() throws IOException {
        Path launcher = command.launcher.orElseThrow();
        Files.writeString(launcher, Files.readString(launcher).replace("Main \"$@\"", "Main storage \"$@\""));
        assertThat(command.line("up").exitCode()).isZero();
        ProcessHandle moving =
                ProcessHandle.of(new Home(command.home).holder().orElseThrow()).orElseThrow();

        assertThat(command.line("down").out()).contains("No Espalier server runs");

        assertThat(moving.isAlive()).isTrue();
        moving.destroy();
        moving.onExit().join();
    }

    @Test
    void upRefusesToGuessForWhomHostIsMeant() {
        CommandFixture.Run up = command.line("up --host http://127.0.0.1:1");
        assertThat(up.exitCode()).isEqualTo(2);
        assertThat(up.err()).contains("up -- --host");
    }

    @Test
    void upNeedsTheLauncher() {
        command.launcher = Optional.empty();
        CommandFixture.Run up = command.line("up");
        assertThat(up.exitCode()).isEqualTo(2);
        assertThat(up.err()).contains("./espalier up");
    }
}
