package dev.espalier.api.endpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.api.Json;
import dev.espalier.api.wire.UpdateMask;
import dev.espalier.control.Endpoint;
import dev.espalier.control.EndpointChange;
import dev.espalier.control.NewEndpoint;
import dev.espalier.control.request.ControlException;
import dev.espalier.control.setting.ActivityPolicy;
import dev.espalier.control.setting.ActivityPolicy.Counts;
import dev.espalier.control.setting.EndpointSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EndpointRequestTest {

    private static final Instant TIME = Instant.parse("2026-11-25T10:00:00Z");
    private static final EndpointSettings SETTINGS =
            new EndpointSettings(1, 4, Optional.of(Duration.ofMinutes(5)), Map.of("work_mem", "8MB"));
    private static final Endpoint NOW = new Endpoint(
            "ep-calm-brook-00000001",
            "br",
            "shop",
            "dev",
            "primary",
            Endpoint.Type.READ_WRITE,
            SETTINGS,
            new ActivityPolicy(Counts.WRITES, List.of("pgAdmin*"), List.of()),
            false,
            Optional.empty(),
            Endpoint.State.IDLE,
            Path.of("/run/ep"),
            Optional.of(TIME),
            TIME,
            TIME);

    @Test
    void anEndpointIsMadeFromWhatIsGivenOverTheProjectsDefaults() {
        NewEndpoint wanted = Json.request("""
                        {"spec": {"endpoint_type": "ENDPOINT_TYPE_READ_ONLY", "autoscaling_limit_max_cu": 8,
                                  "no_suspension": true, "disabled": true, "group": {"min": 1, "max": "1"},
                                  "activity_policy": {"counts": "CONNECTIONS", "ignore_roles": ["monitor"]}}}""", EndpointRequest.class).toNew();

        assertThat(wanted.type()).isEqualTo(Endpoint.Type.READ_ONLY);
        assertThat(wanted.settings().orElseThrow().apply(SETTINGS))
                .isEqualTo(new EndpointSettings(1, 8, Optional.empty(), Map.of("work_mem", "8MB")));
        assertThat(wanted.activityPolicy())
                .contains(new ActivityPolicy(Counts.CONNECTIONS, List.of(), List.of("monitor")));
        assertThat(wanted.disabled()).contains(true);
    }

    @Test
    void whatIsNotGivenIsLeftToTheDefaults() {
        assertThat(Json.request("{}", EndpointRequest.class).toNew())
                .isEqualTo(new NewEndpoint(
                        Endpoint.Type.READ_WRITE, Optional.empty(), Optional.empty(), Optional.empty()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"max\": 2}", "{\"min\": 2, \"max\": 2}", "{\"enable_readable_secondaries\": true}"})
    void aGroupOfSeveralComputesIsRefused(String group) {
        assertThatThrownBy(() -> Json.request("{\"spec\": {\"group\": " + group + "}}", EndpointRequest.class)
                        .toNew())
                .isInstanceOf(ControlException.class)
                .hasMessageContaining("an endpoint has one compute");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"\"no_suspension\": false", "\"no_suspension\": true, \"suspend_timeout_duration\": \"60s\""})
    void theTwoFieldsOfTheSuspensionMayNotContradictEachOther(String fields) {
        assertThatThrownBy(() -> change("{\"spec\": {" + fields + "}}", "*"))
                .isInstanceOf(ControlException.class)
                .hasMessageContaining("either no_suspension: true or suspend_timeout_duration");
    }

    @Test
    void theMaskDecidesWhichSettingsChange() {
        String body = """
                {"spec": {"autoscaling_limit_min_cu": 2, "autoscaling_limit_max_cu": 8, "suspend_timeout_duration": "600s",
                          "settings": {"pg_settings": {"work_mem": "16MB"}}}}""";

        assertThat(settings(change(body, "spec.autoscaling_limit_max_cu")))
                .contains(new EndpointSettings(1, 8, Optional.of(Duration.ofMinutes(5)), Map.of("work_mem", "8MB")));
        assertThat(settings(change(body, "spec.suspension")))
                .contains(new EndpointSettings(1, 4, Optional.of(Duration.ofMinutes(10)), Map.of("work_mem", "8MB")));
        assertThat(settings(change(body, "spec.settings")))
                .contains(new EndpointSettings(1, 4, Optional.of(Duration.ofMinutes(5)), Map.of("work_mem", "16MB")));
        assertThat(settings(change(body, "*")))
                .contains(new EndpointSettings(2, 8, Optional.of(Duration.ofMinutes(10)), Map.of("work_mem", "16MB")));
    }

    @Test
    void namedSettingsOfPostgresqlThatAreNotGivenAreCleared() {
        assertThat(settings(change("{}", "spec.settings.pg_settings")))
                .contains(new EndpointSettings(1, 4, Optional.of(Duration.ofMinutes(5)), Map.of()));
    }

    @ParameterizedTest
    @CsvSource({"spec.suspension", "spec.no_suspension", "spec.suspend_timeout_duration"})
    void anEndpointCanBeToldNeverToStop(String path) {
        assertThat(settings(change("{\"spec\": {\"no_suspension\": true}}", path)))
                .contains(new EndpointSettings(1, 4, Optional.empty(), Map.of("work_mem", "8MB")));
    }

    @Test
    void disablingAndThePolicyChangeByThemselves() {
        String body = "{\"spec\": {\"disabled\": true, \"activity_policy\": {}}}";

        assertThat(change(body, "spec.disabled"))
                .isEqualTo(new EndpointChange(Optional.empty(), Optional.empty(), Optional.of(true)));
        assertThat(change(body, "spec.activity_policy"))
                .isEqualTo(new EndpointChange(Optional.empty(), Optional.of(ActivityPolicy.DEFAULT), Optional.empty()));
        assertThat(change("{}", "spec.disabled").disabled()).contains(false);
    }

    @Test
    void theTypeCannotBeChanged() {
        assertThatThrownBy(() -> change("{\"spec\": {\"endpoint_type\": \"ENDPOINT_TYPE_READ_ONLY\"}}", "*"))
                .isInstanceOf(ControlException.class)
                .hasMessageContaining("spec.endpoint_type cannot be changed");
    }

    @Test
    void anAnswerTellsHowToReachIt() {
        assertThat(Json.answer(EndpointResource.of(NOW))).isEqualTo(Json.tree("""
                {"name": "projects/shop/branches/dev/endpoints/primary", "endpoint_id": "primary",
                 "uid": "ep-calm-brook-00000001", "parent": "projects/shop/branches/dev",
                 "create_time": "2026-11-25T10:00:00Z", "update_time": "2026-11-25T10:00:00Z",
                 "status": {"endpoint_id": "primary", "endpoint_type": "ENDPOINT_TYPE_READ_WRITE", "current_state": "IDLE",
                            "autoscaling_limit_min_cu": 1.0, "autoscaling_limit_max_cu": 4.0,
                            "suspend_timeout_duration": "300s", "disabled": false, "hosts": {"host": "/run/ep"},
                            "settings": {"pg_settings": {"work_mem": "8MB"}},
                            "activity_policy": {"counts": "WRITES", "ignore_applications": ["pgAdmin*"], "ignore_roles": []},
                            "last_active_time": "2026-11-25T10:00:00Z"}}"""));
    }

    private static Optional<EndpointSettings> settings(EndpointChange change) {
        return change.settings().map(settings -> settings.apply(NOW.settings()));
    }

    private static EndpointChange change(String body, String mask) {
        return Json.request(body, EndpointRequest.class)
                .toChange(UpdateMask.parse(Optional.of(mask), EndpointRequest.FIELDS), NOW);
    }
}
