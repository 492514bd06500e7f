package dev.espalier.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ServerLifeTest {

    private Path home;

    @BeforeEach
    void make() throws Exception {
        home = StartedServer.newHome();
    }

    @AfterEach
    void remove() throws Exception {
        StartedServer.remove(home);
    }

    @Test
    void aStopEndsEveryServerAndAKillLeavesNothingBehindAtTheNextStart() throws Exception {
        StartedServer first = StartedServer.start(home);
        assertThat(first.postmasters()).isNotEmpty();
        assertThat(StartedServer.refusal(home, "--http.port=0")).contains("another Espalier runs on the home");
        first.kill();
        assertThat(first.postmasters())
                .as("PostgreSQL outlives a killed Espalier")
                .isNotEmpty();
        var survivors = first.postmasters();
        StartedServer second = StartedServer.start(home);
        survivors.forEach(survivor -> assertThat(survivor.isAlive()).isFalse());
        second.close();
        assertThat(second.postmasters()).isEmpty();
        assertThat(home.resolve("server.json")).doesNotExist();
    }

    @Test
    void aPortInUseIsNamedWithTheSettingToChange() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThat(StartedServer.refusal(home, "--http.port=" + taken.getLocalPort()))
                    .contains(Integer.toString(taken.getLocalPort()))
                    .contains("http.port");
        }
    }

    @Test
    void anUnknownSettingStopsTheStartWithItsName() throws Exception {
        assertThat(StartedServer.refusal(home, "--htp.port=1"))
                .contains("htp.port")
                .contains("did you mean http.port?");
    }

    @Test
    void aHomeOfANewerVersionIsLeftAlone() throws Exception {
        Files.writeString(home.resolve("espalier-format"), "99");
        assertThat(StartedServer.refusal(home, "--http.port=0")).contains("Start the newer version");
    }

    @Test
    void aForeignDataDirectoryIsLeftAlone() throws Exception {
        Path data = Files.createDirectory(home.resolve("theirs"));
        Files.writeString(data.resolve("precious"), "x");
        assertThat(StartedServer.refusal(home, "--http.port=0", "--data.directory=" + data))
                .contains("was not made by Espalier");
        assertThat(data.resolve("precious")).hasContent("x");
    }

    @Test
    void volumesWithoutTheirControlDatabaseAreNotDeleted() throws Exception {
        StartedServer.start(home).close();
        Path volumes;
        try (var backends = Files.list(home.resolve("data"))) {
            volumes = backends.map(backend -> backend.resolve("volumes"))
                    .filter(Files::isDirectory)
                    .filter(directory -> !directory.toString().contains("probe"))
                    .findFirst()
                    .orElseThrow();
        }
        Path volume = Files.createDirectory(volumes.resolve("br-precious.1"));
        new ProcessBuilder("rm", "-rf", home.resolve("data/system").toString())
                .start()
                .waitFor();
        assertThat(StartedServer.refusal(home, "--http.port=0")).contains("the control database is empty");
        assertThat(volume).exists();
    }
}
