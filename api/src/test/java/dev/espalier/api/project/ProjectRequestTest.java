package dev.espalier.api.project;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.api.Json;
import dev.espalier.api.wire.UpdateMask;
import dev.espalier.control.NewProject;
import dev.espalier.control.Project;
import dev.espalier.control.ProjectChange;
import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.Tag;
import dev.espalier.control.setting.EndpointSettings;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProjectRequestTest {

    private static final Instant TIME = Instant.parse("2026-11-25T10:00:00Z");
    private static final Project NOW = new Project(
            "6f9619ff-8b86-d011-b42d-00c04fc964ff",
            "shop",
            "The shop",
            18,
            Duration.ofDays(7),
            Optional.of("br-main"),
            EndpointSettings.DEFAULT,
            false,
            Optional.empty(),
            List.of(new Tag("team", "web")),
            Optional.empty(),
            "administrator",
            TIME,
            TIME,
            Optional.empty(),
            Optional.empty());
    private static final ProjectChange NOTHING = new ProjectChange(
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty());

    @Test
    void aProjectIsMadeFromWhatIsGiven() {
        NewProject wanted = wanted("""
                {"spec": {"display_name": "The shop", "pg_version": 17, "history_retention_duration": "172800s",
                          "default_endpoint_settings": {"autoscaling_limit_max_cu": 2, "suspend_timeout_duration": "60s",
                                                        "pg_settings": {"work_mem": "8MB"}},
                          "enable_pg_native_login": true, "budget_policy_id": "b",
                          "custom_tags": [{"key": "team", "value": "web"}, {"key": "flag"}],
                          "extensions_allowed": ["citext"]},
                 "initial_branch_spec": {"is_protected": true},
                 "initial_endpoint_spec": {"autoscaling_limit_min_cu": 1, "no_suspension": true}}""");

        EndpointSettings defaults =
                new EndpointSettings(0.5, 2, Optional.of(Duration.ofMinutes(1)), Map.of("work_mem", "8MB"));
        assertThat(wanted)
                .isEqualTo(new NewProject(
                        Optional.of("The shop"),
                        OptionalInt.of(17),
                        Optional.of(Duration.ofDays(2)),
                        Optional.of(defaults),
                        true,
                        Optional.of("b"),
                        List.of(new Tag("team", "web"), new Tag("flag", "")),
                        Optional.of(List.of("citext")),
                        true,
                        Optional.of(new EndpointSettings(1, 2, Optional.empty(), Map.of("work_mem", "8MB")))));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{}", "{\"spec\": {}}", "{\"spec\": null}"})
    void aProjectNeedsNothingButItsId(String body) {
        assertThat(wanted(body))
                .isEqualTo(new NewProject(
                        Optional.empty(),
                        OptionalInt.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        false,
                        Optional.empty(),
                        List.of(),
                        Optional.empty(),
                        false,
                        Optional.empty()));
    }

    @Test
    void aTagNeedsAKey() {
        assertThatThrownBy(() -> wanted("{\"spec\": {\"custom_tags\": [{\"value\": \"web\"}]}}"))
                .isInstanceOf(ControlException.class)
                .hasMessageContaining("tag without key");
    }

    @Test
    void aNewProjectsDefaultBranchIsItsFirst() {
        assertThat(wanted("{\"spec\": {\"default_branch\": \"projects/shop/branches/production\"}}"))
                .isEqualTo(wanted("{}"));
        assertThatThrownBy(() -> wanted("{\"spec\": {\"default_branch\": \"projects/shop/branches/main\"}}"))
                .isInstanceOf(ControlException.class)
                .hasMessageContaining("spec.default_branch cannot be changed: it is production");
    }

    @Test
    void onlyWhatTheMaskNamesChanges() {
        String body = """
                {"spec": {"display_name": "New", "default_branch": "projects/shop/branches/next",
                          "default_endpoint_settings": {"autoscaling_limit_max_cu": 2, "no_suspension": true},
                          "history_retention_duration": "172800s"}}""";

        assertThat(change(body, "spec.display_name").displayName()).contains("New");
        assertThat(change(body, "spec.display_name").historyRetention()).isEmpty();
        assertThat(change(body, "spec.default_branch").defaultBranch()).contains("next");
        assertThat(defaults(change(body, "spec.project_default_settings.suspension")))
                .contains(new EndpointSettings(0.5, 1, Optional.empty(), Map.of()));
        assertThat(defaults(change(body, "spec.default_endpoint_settings")))
                .contains(new EndpointSettings(0.5, 2, Optional.empty(), Map.of()));
        assertThat(defaults(change(body, "spec.default_endpoint_settings.autoscaling_limit_max_cu")))
                .contains(new EndpointSettings(0.5, 2, Optional.of(Duration.ofMinutes(5)), Map.of()));
    }

    @Test
    void tagsAreClearedByNamingThemWithNone() {
        assertThat(change("{\"spec\": {\"custom_tags\": []}}", "spec.custom_tags")
                        .customTags())
                .contains(List.of());
        assertThat(change("{}", "spec.custom_tags").customTags()).contains(List.of());
        assertThat(change("{}", "*")).isEqualTo(NOTHING);
    }

    @Test
    void aListOfExtensionsThatIsTakenAwayAllowsAllThatPostgresqlDoes() {
        assertThat(change("{\"spec\": {\"extensions_allowed\": []}}", "spec.extensions_allowed")
                        .extensionsAllowed())
                .contains(List.of());
        assertThat(change("{}", "spec.extensions_allowed").extensionsAllowed()).contains(List.of("*"));
    }

    @Test
    void theVersionMayBeSentBackAndNotBeChanged() {
        assertThat(change("{\"spec\": {\"pg_version\": 18}}", "*")).isEqualTo(NOTHING);
        assertThatThrownBy(() -> change("{\"spec\": {\"pg_version\": 17}}", "*"))
                .isInstanceOf(ControlException.class)
                .hasMessageContaining("spec.pg_version cannot be changed: it is 18 for good");
    }

    @Test
    void anAnswerHasStatusAndNoSpec() {
        assertThat(Json.answer(ProjectResources.of(NOW, Optional.of("projects/shop/branches/production"))))
                .isEqualTo(Json.tree("""
                {"name": "projects/shop", "project_id": "shop", "uid": "6f9619ff-8b86-d011-b42d-00c04fc964ff",
                 "create_time": "2026-11-25T10:00:00Z", "update_time": "2026-11-25T10:00:00Z",
                 "status": {"project_id": "shop", "display_name": "The shop", "pg_version": 18,
                            "history_retention_duration": "604800s", "default_branch": "projects/shop/branches/production",
                            "default_endpoint_settings": {"autoscaling_limit_min_cu": 0.5, "autoscaling_limit_max_cu": 1.0,
                                                          "suspend_timeout_duration": "300s", "pg_settings": {}},
                            "enable_pg_native_login": false, "custom_tags": [{"key": "team", "value": "web"}],
                            "owner": "administrator"}}"""));
    }

    private static NewProject wanted(String body) {
        return Json.request(body, ProjectRequest.class).toNew("shop");
    }

    private static Optional<EndpointSettings> defaults(ProjectChange change) {
        return change.endpointDefaults().map(settings -> settings.apply(NOW.endpointDefaults()));
    }

    private static ProjectChange change(String body, String mask) {
        return Json.request(body, ProjectRequest.class)
                .toChange(UpdateMask.parse(Optional.of(mask), ProjectRequest.FIELDS), NOW);
    }
}
