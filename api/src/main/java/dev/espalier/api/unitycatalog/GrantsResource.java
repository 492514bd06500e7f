package dev.espalier.api.unitycatalog;

import dev.espalier.control.metastore.Grant;
import dev.espalier.control.metastore.Privilege;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** What is given on a securable itself. */
public record GrantsResource(List<Assignment> privilegeAssignments, Optional<List<String>> warnings) {

    /** What one principal has. */
    public record Assignment(String principal, List<Privilege> privileges) {}

    static GrantsResource of(List<Grant> grants, Optional<List<String>> warnings) {
        // One can be given by the name that the securable has and by an earlier one.
        Map<String, Set<Privilege>> byPrincipal = new TreeMap<>();
        grants.forEach(grant -> byPrincipal
                .computeIfAbsent(grant.principal(), _ -> new LinkedHashSet<>())
                .add(grant.privilege()));
        return new GrantsResource(
                byPrincipal.entrySet().stream()
                        .map(entry -> new Assignment(entry.getKey(), List.copyOf(entry.getValue())))
                        .toList(),
                warnings);
    }
}
