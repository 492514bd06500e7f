package dev.espalier.api.endpoint;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.espalier.api.wire.Fixed;
import dev.espalier.api.wire.UpdateMask;
import dev.espalier.api.wire.Wire;
import dev.espalier.control.Endpoint;
import dev.espalier.control.EndpointChange;
import dev.espalier.control.NewEndpoint;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** An endpoint as a client sends it. */
public record EndpointRequest(Optional<Spec> spec) {

    private static final String SETTINGS = "spec";
    private static final String PG_SETTINGS = "spec.settings.pg_settings";
    private static final String DISABLED = "spec.disabled";
    private static final String ACTIVITY_POLICY = "spec.activity_policy";

    static final UpdateMask.Fields FIELDS = new UpdateMask.Fields(
            List.of(
                    SETTINGS + ".autoscaling_limit_min_cu",
                    SETTINGS + ".autoscaling_limit_max_cu",
                    SETTINGS + ".suspension",
                    "spec.settings",
                    PG_SETTINGS,
                    DISABLED,
                    ACTIVITY_POLICY),
            Map.of(
                    SETTINGS + ".no_suspension", SETTINGS + ".suspension",
                    SETTINGS + ".suspend_timeout_duration", SETTINGS + ".suspension"));

    /** What the endpoint is to be. */
    public record Spec(
            @JsonPropertyDescription(
                    "A branch has one read-write endpoint from its beginning; what is made is read-only.")
            Optional<EndpointType> endpointType,

            @JsonPropertyDescription("Compute units; memory taken at its start.")
            Optional<Double> autoscalingLimitMinCu,

            @JsonPropertyDescription("Compute units; sessions, and memory the planner counts on.")
            Optional<Double> autoscalingLimitMaxCu,

            @JsonPropertyDescription("Idle time after which it stops, 60s to 604800s.")
            Optional<Duration> suspendTimeoutDuration,

            @JsonPropertyDescription("true: it never stops by itself.")
            Optional<Boolean> noSuspension,

            @JsonPropertyDescription("Whether it may not run.")
            Optional<Boolean> disabled,

            Optional<ComputeGroup> group,
            Optional<Settings> settings,
            Optional<ActivityPolicyMessage> activityPolicy) {

        SettingsChange change() {
            group.ifPresent(ComputeGroup::check);
            return SettingsChange.of(
                    autoscalingLimitMinCu,
                    autoscalingLimitMaxCu,
                    noSuspension,
                    suspendTimeoutDuration,
                    settings.flatMap(Settings::pgSettings));
        }
    }

    /** Settings of its PostgreSQL. */
    public record Settings(Optional<Map<String, String>> pgSettings) {}

    NewEndpoint toNew() {
        Spec wanted = given();
        return new NewEndpoint(
                wanted.endpointType().map(EndpointType::type).orElse(Endpoint.Type.READ_WRITE),
                wanted.change().made(),
                wanted.activityPolicy().map(ActivityPolicyMessage::policy),
                wanted.disabled());
    }

    EndpointChange toChange(UpdateMask mask, Endpoint now) {
        Spec wanted = given();
        Fixed.check("spec.endpoint_type", wanted.endpointType(), Optional.of(EndpointType.of(now.type())));
        return new EndpointChange(
                wanted.change().within(mask, SETTINGS, PG_SETTINGS).made(),
                mask.value(ACTIVITY_POLICY, wanted.activityPolicy()).map(ActivityPolicyMessage::policy),
                mask.value(DISABLED, wanted.disabled(), false));
    }

    private Spec given() {
        return spec.orElseGet(() -> Wire.empty(Spec.class));
    }
}
