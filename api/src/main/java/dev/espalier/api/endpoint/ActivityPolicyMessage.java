package dev.espalier.api.endpoint;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.espalier.control.setting.ActivityPolicy;
import java.util.List;
import java.util.Optional;

/** What keeps an endpoint awake, in requests and answers. */
public record ActivityPolicyMessage(
        @JsonPropertyDescription("What of a session counts as use; STATEMENTS where nothing is said.")
        Optional<ActivityPolicy.Counts> counts,

        @JsonPropertyDescription("Patterns of application names that never count; * stands for any text.")
        Optional<List<String>> ignoreApplications,

        @JsonPropertyDescription("Patterns of roles that never count; * stands for any text.")
        Optional<List<String>> ignoreRoles) {

    static ActivityPolicyMessage of(ActivityPolicy policy) {
        return new ActivityPolicyMessage(
                Optional.of(policy.counts()),
                Optional.of(policy.ignoreApplications()),
                Optional.of(policy.ignoreRoles()));
    }

    ActivityPolicy policy() {
        return new ActivityPolicy(
                counts.orElse(ActivityPolicy.DEFAULT.counts()),
                ignoreApplications.orElse(List.of()),
                ignoreRoles.orElse(List.of()));
    }
}
