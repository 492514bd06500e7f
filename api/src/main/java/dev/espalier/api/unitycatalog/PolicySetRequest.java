package dev.espalier.api.unitycatalog;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.espalier.control.metastore.PolicyDefinition;
import java.util.List;
import java.util.Optional;

/** All policies that a catalog is to have. */
public record PolicySetRequest(
        Optional<List<PolicyRequest>> policies,

        @JsonPropertyDescription(
                "Of the rules that the set was made or replayed for: with any other one it is refused.")
        Optional<Long> epoch) {

    List<PolicyDefinition> definitions() {
        return definitions(policies);
    }

    /** An empty list takes all policies away, and must be given. */
    static List<PolicyDefinition> definitions(Optional<List<PolicyRequest>> policies) {
        return UnityCatalog.required(policies, "policies").stream()
                .map(PolicyRequest::definition)
                .toList();
    }
}
