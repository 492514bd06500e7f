package dev.espalier.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** How a server starts, refuses to start, and ends. */
class ServerLifeTest {

    private static final String ANY_PORT = "--http.port=0";

    /** One for all, so that PostgreSQL is unpacked once. */
    private static TestHome home;

    @BeforeAll
    static void makeHome() throws IOException {
        home = new TestHome();
    }

    @AfterAll
    static void removeHome() throws IOException {
        home.close();
    }

    @Test
    void aKilledServersDataIsThereAfterTheNextStart() throws IOException, TimeoutException, SQLException {
        List<ProcessHandle> left;
        try (ServerProcess first = home.start(ANY_PORT)) {
            Shop shop = Shop.open(first);
            shop.branch("kept");
            shop.sql("kept").execute("CREATE TABLE note AS SELECT 'written before the end' AS text");
            assertThat(refusal(ANY_PORT))
                    .contains("another Espalier runs on the home " + home.path())
                    .contains("./espalier down");
            first.kill();
            left = home.postgres();
            assertThat(left).isNotEmpty();
        }

        try (ServerProcess second = home.start(ANY_PORT)) {
            // Not whether they are alive: what nobody has taken note of counts as alive, though it has ended.
            assertThat(home.postgres()).doesNotContainAnyElementsOf(left);
            Shop shop = Shop.of(second);
            assertThat(shop.api().listRoles(Shop.name("kept"))).isNotEmpty();
            assertThat(shop.sql("kept").query("TABLE note")).containsExactly("written before the end");

            second.stop();
            assertThat(home.postgres()).isEmpty();
            assertThat(home.path().resolve("server.json")).doesNotExist();
        }
    }

    @Test
    void whatAKilledServerLeavesRunningCanBeStoppedWithoutAnotherStart() throws IOException {
        try (ServerProcess server = home.start(ANY_PORT)) {
            server.kill();
            List<ProcessHandle> left = home.postgres();
            assertThat(left).isNotEmpty();

            assertThat(home.command("stop-left").out().strip()).isEqualTo(Integer.toString(left.size()));

            assertThat(home.postgres()).isEmpty();
            assertThat(home.path().resolve("server.json")).doesNotExist();
            assertThat(home.command("stop-left").out().strip()).isEqualTo("0");
        }
    }

    @Test
    void aControlDatabaseThatCannotBeReachedIsNamedWithItsSettings() throws IOException {
        assertThat(refusal(ANY_PORT, "--control.url=jdbc:postgresql://127.0.0.1:1/system", "--control.user=anna"))
                .contains("control.url=jdbc:postgresql://127.0.0.1:1/system, control.user=anna")
                .contains("correct control.url");
    }

    @Test
    void aServerToldToStopWhileItStartsLeavesNothingRunning() throws IOException {
        try (ServerProcess server = home.begin(ANY_PORT)) {
            server.await(() -> !home.postgres().isEmpty());

            server.stop();

            assertThat(home.postgres()).isEmpty();
            assertThat(home.path().resolve("server.json")).doesNotExist();
        }
    }

    @Test
    void aPortInUseIsNamedAndNothingIsLeftRunning() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String port = Integer.toString(taken.getLocalPort());

            assertThat(refusal("--http.port=" + port)).contains(port).contains("http.port");
        }
        assertThat(home.postgres()).isEmpty();
    }

    @Test
    void anUnknownSettingIsRefusedWithTheOneThatIsMeant() throws IOException {
        Jvm.Ended ended = home.run("--htp.port=0");
        assertThat(ended.exitCode()).isEqualTo(2);
        assertThat(ended.err()).contains("\"htp.port\"").contains("did you mean http.port?");
    }

    @Test
    void aHomeOfANewerVersionIsLeftAlone() throws IOException {
        try (TestHome newer = new TestHome()) {
            Path mark = Files.createDirectories(newer.path()).resolve("espalier-format");
            Files.writeString(mark, "7");

            assertThat(refusal(newer, ANY_PORT)).contains("has format 7").contains("newer version");
            assertThat(newer.path().resolve("data")).doesNotExist();
        }
    }

    @Test
    void aDataDirectoryOfSomeoneElseIsLeftAlone() throws IOException {
        try (TestHome fresh = new TestHome()) {
            Path foreign = Files.createDirectories(fresh.path().resolveSibling("foreign"));
            Files.writeString(foreign.resolve("thesis.txt"), "mine");

            assertThat(refusal(fresh, ANY_PORT, "--data.directory=" + foreign))
                    .contains(foreign + " is not empty")
                    .contains("data.directory");
            assertThat(foreign).isDirectoryContaining("glob:**/thesis.txt");
            assertThat(foreign.toFile().list()).hasSize(1);
        }
    }

    @Test
    void volumesWithoutTheirControlDatabaseAreNotDeleted() throws IOException {
        try (TestHome bare = new TestHome()) {
            try (ServerProcess server = bare.start(ANY_PORT)) {
                server.stop();
            }
            Path data = bare.path().resolve("data");
            String backend = Files.readAllLines(data.resolve("storage-backend"))
                    .getFirst()
                    .toLowerCase(Locale.ROOT);
            Path volume = Files.createDirectory(data.resolve(backend).resolve("volumes/br-precious.1"));
            Files.move(data.resolve("system"), bare.path().resolveSibling("system"));

            assertThat(refusal(bare, ANY_PORT)).contains("the control database is empty");
            assertThat(volume).exists();
        }
    }

    private static String refusal(String... flags) throws IOException {
        return refusal(home, flags);
    }

    /** What a server says that does not start. */
    private static String refusal(TestHome where, String... flags) throws IOException {
        Jvm.Ended ended = where.run(flags);
        assertThat(ended.exitCode()).as(ended.out()).isEqualTo(1);
        assertThat(ended.err()).doesNotContain("\tat ");
        return ended.err();
    }
}
