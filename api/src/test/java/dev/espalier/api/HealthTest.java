package dev.espalier.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.postgres.RunningServers;
import dev.espalier.testing.TestWait;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** In a directory of its own, as the control database's server ends. */
class HealthTest {

    /** Less than the control database's pool waits for a session. */
    private static final Duration AT_ONCE = Duration.ofSeconds(15);

    @TempDir
    private Path directory;

    @Test
    void whileTheControlDatabaseIsAwayEveryCallIsRefusedAtOnceAndServedAgainWhenItIsBack() throws Exception {
        Path system = directory.resolve("system");
        try (TestApi api = new TestApi(directory)) {
            assertThat(health(api).ok().get("status").asString()).isEqualTo("ok");
            String token = api.accessToken();

            Files.move(system.resolve("data"), system.resolve("away"));
            RunningServers.stopAll(system);
            TestWait.until("its end to be seen", () -> health(api).status() == 503);
            Instant begun = Instant.now();
            health(api).assertRefused(503, "TEMPORARILY_UNAVAILABLE", "TEMPORARILY_UNAVAILABLE");
            api.as(token, "GET", TestApi.P + "/projects", "")
                    .assertRefused(503, "TEMPORARILY_UNAVAILABLE", "TEMPORARILY_UNAVAILABLE");
            assertThat(Instant.now()).isBefore(begun.plus(AT_ONCE));

            Files.move(system.resolve("away"), system.resolve("data"));
            TestWait.until("it to be back", () -> health(api).status() == 200);
            assertThat(api.as(token, "GET", TestApi.P + "/projects", "").status())
                    .isEqualTo(200);
        }
    }

    private static Reply health(TestApi api) {
        return api.send(api.request("/health").GET());
    }
}
