package dev.espalier.control;

import static dev.espalier.control.TestPlane.CALLER;
import static dev.espalier.control.TestPlane.PLAIN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.control.request.Moment;
import dev.espalier.control.setting.EndpointSettings;
import dev.espalier.control.setting.Expiration;
import dev.espalier.storage.Backend;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a project gives to the endpoints of its new branches. */
class DefaultSettingsTest {

    @TempDir
    Path directory;

    @AfterEach
    void stop() {
        TestPlane.stopLeftovers(directory);
    }

    @Test
    void whatPostgresqlWouldNotStartWithIsRefused() throws Exception {
        try (TestPlane test = TestPlane.start(directory, Backend.COPY)) {
            test.succeed(test.plane.projects().create(CALLER, "shop", PLAIN));

            assertThatThrownBy(() -> change(test, "banana"))
                    .hasMessageContaining("invalid value for parameter \"work_mem\": \"banana\"");

            assertThat(test.plane.projects().get("shop").endpointDefaults().pgSettings())
                    .isEmpty();
            test.succeed(change(test, "7MB"));
            NewBranch plain = new NewBranch(Optional.empty(), new Moment.Now(), false, new Expiration.Never());
            test.succeed(test.plane.branches().create(CALLER, "shop", "dev", plain, false));
            assertThat(test.query("dev", "SHOW work_mem")).isEqualTo("7MB");
        }
    }

    @Test
    void whatIsAllowedNoMoreIsRefusedAndWhatHasItStoredRunsWithout() throws Exception {
        assertThatThrownBy(() -> new EndpointSettings(1, 1, Optional.empty(), Map.of("lc_messages", "C")))
                .hasMessageContaining("pg_settings may not hold \"lc_messages\"");
        String stored = "'{\"lc_messages\": \"de_DE.UTF-8\", \"work_mem\": \"7MB\"}'";
        try (TestPlane test = TestPlane.start(directory, Backend.COPY)) {
            test.succeed(test.plane.projects().create(CALLER, "shop", PLAIN));
            test.change("UPDATE control.project SET default_pg_settings = " + stored);
            test.change("UPDATE control.endpoint SET pg_settings = " + stored);
        }
        try (TestPlane test = TestPlane.start(directory, Backend.COPY)) {
            assertThat(test.query("production", "SHOW lc_messages")).isEmpty();
            assertThat(test.query("production", "SHOW work_mem")).isEqualTo("7MB");
            assertThat(test.plane.projects().get("shop").endpointDefaults().pgSettings())
                    .isEqualTo(Map.of("work_mem", "7MB"));
        }
    }

    private static Operation change(TestPlane test, String workMem) {
        return test.plane
                .projects()
                .update(
                        CALLER,
                        "shop",
                        new ProjectChange(
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty(),
                                Optional.of(now -> new EndpointSettings(
                                        now.minCu(), now.maxCu(), now.suspendAfter(), Map.of("work_mem", workMem))),
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty()));
    }
}
