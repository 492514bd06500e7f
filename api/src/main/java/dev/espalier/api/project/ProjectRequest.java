package dev.espalier.api.project;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.espalier.api.branch.BranchReference;
import dev.espalier.api.endpoint.ComputeGroup;
import dev.espalier.api.endpoint.SettingsChange;
import dev.espalier.api.wire.Fixed;
import dev.espalier.api.wire.UpdateMask;
import dev.espalier.api.wire.Wire;
import dev.espalier.control.NewProject;
import dev.espalier.control.Project;
import dev.espalier.control.ProjectChange;
import dev.espalier.control.Projects;
import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.ControlException.Code;
import dev.espalier.control.request.Tag;
import dev.espalier.control.setting.EndpointSettings;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** A project as a client sends it. */
public record ProjectRequest(
        Optional<Spec> spec,

        @JsonPropertyDescription("Of the first branch, when a project is made.")
        Optional<InitialBranch> initialBranchSpec,

        @JsonPropertyDescription("Of the first branch's endpoint, when a project is made.")
        Optional<InitialEndpoint> initialEndpointSpec) {

    private static final String DISPLAY_NAME = "spec.display_name";
    private static final String RETENTION = "spec.history_retention_duration";
    private static final String DEFAULT_BRANCH = "spec.default_branch";
    private static final String SETTINGS = "spec.default_endpoint_settings";
    private static final String SUSPENSION = SETTINGS + ".suspension";
    private static final String PG_SETTINGS = SETTINGS + ".pg_settings";
    private static final String NATIVE_LOGIN = "spec.enable_pg_native_login";
    private static final String BUDGET_POLICY = "spec.budget_policy_id";
    private static final String CUSTOM_TAGS = "spec.custom_tags";
    private static final String EXTENSIONS = "spec.extensions_allowed";

    static final UpdateMask.Fields FIELDS = new UpdateMask.Fields(
            List.of(
                    DISPLAY_NAME,
                    RETENTION,
                    DEFAULT_BRANCH,
                    SETTINGS,
                    SETTINGS + ".autoscaling_limit_min_cu",
                    SETTINGS + ".autoscaling_limit_max_cu",
                    SUSPENSION,
                    PG_SETTINGS,
                    NATIVE_LOGIN,
                    BUDGET_POLICY,
                    CUSTOM_TAGS,
                    EXTENSIONS),
            Map.of(
                    "spec.project_default_settings.suspension",
                    SUSPENSION,
                    SETTINGS + ".no_suspension",
                    SUSPENSION,
                    SETTINGS + ".suspend_timeout_duration",
                    SUSPENSION));

    /** What the project is to be. */
    public record Spec(
            Optional<String> displayName,

            @JsonPropertyDescription("Major version of PostgreSQL; cannot be changed.")
            Optional<Integer> pgVersion,

            @JsonPropertyDescription("How far back branches can be rewound: 172800s to 3024000s.")
            Optional<Duration> historyRetentionDuration,

            @JsonPropertyDescription("Name of the branch that is meant where none is named.")
            Optional<String> defaultBranch,

            @JsonPropertyDescription("For endpoints that are made later.")
            Optional<Settings> defaultEndpointSettings,

            @JsonPropertyDescription("Whether roles may sign in with passwords of their own.")
            Optional<Boolean> enablePgNativeLogin,

            Optional<String> budgetPolicyId,
            Optional<List<CustomTag>> customTags,

            @JsonPropertyDescription(
                    "Names of the extensions that may be made in its databases, of those that PostgreSQL lets"
                            + " users make; \"*\" is all of these.")
            Optional<List<String>> extensionsAllowed) {

        private SettingsChange settings() {
            return defaultEndpointSettings
                    .orElseGet(() -> Wire.empty(Settings.class))
                    .change();
        }

        private Optional<List<Tag>> tags() {
            return customTags.map(given -> given.stream().map(CustomTag::tag).toList());
        }

        private Optional<String> defaultBranchId(String projectId) {
            return defaultBranch.map(name -> BranchReference.id(DEFAULT_BRANCH, name, projectId));
        }
    }

    /** What new endpoints get where nothing is said. */
    public record Settings(
            Optional<Double> autoscalingLimitMinCu,
            Optional<Double> autoscalingLimitMaxCu,
            Optional<Boolean> noSuspension,
            Optional<Duration> suspendTimeoutDuration,
            Optional<Map<String, String>> pgSettings) {

        private SettingsChange change() {
            return SettingsChange.of(
                    autoscalingLimitMinCu, autoscalingLimitMaxCu, noSuspension, suspendTimeoutDuration, pgSettings);
        }
    }

    /** The first branch. */
    public record InitialBranch(Optional<Boolean> isProtected) {}

    /** The first branch's endpoint. */
    public record InitialEndpoint(
            Optional<Double> autoscalingLimitMinCu,
            Optional<Double> autoscalingLimitMaxCu,
            Optional<Boolean> noSuspension,
            Optional<Duration> suspendTimeoutDuration,
            Optional<ComputeGroup> group) {

        private SettingsChange change() {
            group.ifPresent(ComputeGroup::check);
            return SettingsChange.of(
                    autoscalingLimitMinCu,
                    autoscalingLimitMaxCu,
                    noSuspension,
                    suspendTimeoutDuration,
                    Optional.empty());
        }
    }

    /** A key and a value that a user puts on the project. */
    public record CustomTag(Optional<String> key, Optional<String> value) {

        private Tag tag() {
            String name = key.filter(text -> !text.isBlank())
                    .orElseThrow(() -> new ControlException(
                            Code.INVALID_PARAMETER_VALUE, CUSTOM_TAGS + " has a tag without key. Give it one."));
            return new Tag(name, value.orElse(""));
        }
    }

    NewProject toNew(String projectId) {
        Spec wanted = given();
        Fixed.check(DEFAULT_BRANCH, wanted.defaultBranchId(projectId), Optional.of(Projects.FIRST_BRANCH));
        Optional<EndpointSettings> defaults = wanted.settings().over(EndpointSettings.DEFAULT);
        return new NewProject(
                wanted.displayName(),
                wanted.pgVersion().map(OptionalInt::of).orElseGet(OptionalInt::empty),
                wanted.historyRetentionDuration(),
                defaults,
                wanted.enablePgNativeLogin().orElse(false),
                wanted.budgetPolicyId(),
                wanted.tags().orElse(List.of()),
                wanted.extensionsAllowed(),
                initialBranchSpec.flatMap(InitialBranch::isProtected).orElse(false),
                initialEndpointSpec.flatMap(
                        endpoint -> endpoint.change().over(defaults.orElse(EndpointSettings.DEFAULT))));
    }

    ProjectChange toChange(UpdateMask mask, Project now) {
        Spec wanted = given();
        Fixed.check("spec.pg_version", wanted.pgVersion(), Optional.of(now.pgVersion()));
        return new ProjectChange(
                mask.value(DISPLAY_NAME, wanted.displayName()),
                mask.value(RETENTION, wanted.historyRetentionDuration()),
                mask.value(DEFAULT_BRANCH, wanted.defaultBranchId(now.projectId())),
                wanted.settings().within(mask, SETTINGS, PG_SETTINGS).made(),
                mask.value(NATIVE_LOGIN, wanted.enablePgNativeLogin(), false),
                mask.value(BUDGET_POLICY, wanted.budgetPolicyId()),
                mask.value(CUSTOM_TAGS, wanted.tags(), List.of()),
                mask.value(EXTENSIONS, wanted.extensionsAllowed(), List.of("*")));
    }

    private Spec given() {
        return spec.orElseGet(() -> Wire.empty(Spec.class));
    }
}
