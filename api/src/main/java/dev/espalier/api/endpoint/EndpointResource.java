package dev.espalier.api.endpoint;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.espalier.control.Endpoint;
import dev.espalier.control.request.ResourceName;
import dev.espalier.control.setting.EndpointSettings;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/** An endpoint as the API shows it. */
public record EndpointResource(
        String name,
        String endpointId,
        String uid,
        String parent,
        Instant createTime,
        Instant updateTime,
        Status status) {

    /** What the endpoint is. */
    public record Status(
            String endpointId,
            EndpointType endpointType,
            Endpoint.State currentState,
            double autoscalingLimitMinCu,
            double autoscalingLimitMaxCu,
            Optional<Duration> suspendTimeoutDuration,

            @JsonPropertyDescription("true: it never stops by itself.")
            Optional<Boolean> noSuspension,

            boolean disabled,
            Hosts hosts,
            Settings settings,
            ActivityPolicyMessage activityPolicy,
            Optional<Instant> lastActiveTime) {}

    /** How to reach it. */
    public record Hosts(
            @JsonPropertyDescription(
                    "Directory of its private Unix socket, for libpq's host=; the same as long as it lives.")
            String host) {}

    /** Settings of its PostgreSQL. */
    public record Settings(Map<String, String> pgSettings) {}

    public static EndpointResource of(Endpoint endpoint) {
        EndpointSettings settings = endpoint.settings();
        return new EndpointResource(
                endpoint.name().toString(),
                endpoint.endpointId(),
                endpoint.uid(),
                ResourceName.branch(endpoint.projectId(), endpoint.branchId()).toString(),
                endpoint.createTime(),
                endpoint.updateTime(),
                new Status(
                        endpoint.endpointId(),
                        EndpointType.of(endpoint.type()),
                        endpoint.state(),
                        settings.minCu(),
                        settings.maxCu(),
                        settings.suspendAfter(),
                        settings.suspendAfter().isEmpty() ? Optional.of(true) : Optional.empty(),
                        endpoint.disabled(),
                        new Hosts(endpoint.socketDirectory().toString()),
                        new Settings(settings.pgSettings()),
                        ActivityPolicyMessage.of(endpoint.activityPolicy()),
                        endpoint.lastActiveTime()));
    }
}
