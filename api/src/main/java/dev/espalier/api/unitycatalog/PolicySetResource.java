package dev.espalier.api.unitycatalog;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.espalier.control.metastore.PolicySets.PolicySet;
import java.util.List;
import java.util.Optional;

/** All policies on a catalog and on what lies in it. It may be sent back, changed or not. */
public record PolicySetResource(
        String catalogName,

        @JsonPropertyDescription("Counts the changes of the catalog's rules.")
        long epoch,

        List<PolicyResource> policies,

        @JsonPropertyDescription(
                "After a change: that a policy matches nothing, or that a branch could not be brought under it.")
        Optional<List<String>> warnings) {

    static PolicySetResource of(PolicySet set, Optional<List<String>> warnings) {
        return new PolicySetResource(
                set.catalog().name(),
                set.catalog().epoch(),
                set.policies().stream()
                        .map(policy -> PolicyResource.of(policy, Optional.empty()))
                        .toList(),
                warnings);
    }
}
