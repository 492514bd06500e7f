package dev.espalier.api.project;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A project as the API shows it. */
public record ProjectResource(
        String name,
        String projectId,
        String uid,
        Instant createTime,
        Instant updateTime,
        Optional<Instant> deleteTime,
        Optional<Instant> purgeTime,
        Status status) {

    /** What the project is. */
    public record Status(
            String projectId,
            String displayName,
            long pgVersion,
            Duration historyRetentionDuration,
            Optional<String> defaultBranch,
            Settings defaultEndpointSettings,
            boolean enablePgNativeLogin,
            Optional<String> budgetPolicyId,
            List<CustomTag> customTags,
            Optional<List<String>> extensionsAllowed,
            String owner) {}

    /** What new endpoints get where nothing is said. */
    public record Settings(
            double autoscalingLimitMinCu,
            double autoscalingLimitMaxCu,
            Optional<Boolean> noSuspension,
            Optional<Duration> suspendTimeoutDuration,
            Map<String, String> pgSettings) {}

    /** A key and a value that a user has put on the project. */
    public record CustomTag(String key, String value) {}
}
