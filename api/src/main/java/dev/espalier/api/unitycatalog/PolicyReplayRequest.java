package dev.espalier.api.unitycatalog;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.espalier.control.PolicyReplay;
import dev.espalier.control.metastore.PolicyDefinition;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Policies to try out on statements that have been run. */
public record PolicyReplayRequest(
        @JsonPropertyDescription("All policies that the catalog would have.")
        Optional<List<PolicyRequest>> policies,

        @JsonPropertyDescription(
                "Id of the branch whose copies the statements are run on; the project's default branch unless given.")
        Optional<String> branch,

        @JsonPropertyDescription("How far back statements are taken from; 86400s unless given.")
        Optional<Duration> since,

        @JsonPropertyDescription("Most statements, each text of each principal once; 1000 unless given, at most 10000.")
        Optional<Integer> limit) {

    private static final Duration DAY = Duration.ofDays(1);
    private static final int USUAL = 1000;

    List<PolicyDefinition> definitions() {
        return PolicySetRequest.definitions(policies);
    }

    PolicyReplay.Scope scope() {
        return new PolicyReplay.Scope(branch, since.orElse(DAY), limit.orElse(USUAL));
    }
}
