package dev.espalier.api.unitycatalog;

import dev.espalier.control.metastore.Grant;
import dev.espalier.control.metastore.Privilege;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** What is given on a securable itself. */
public record GrantsResource(List<Assignment> privilegeAssignments, Optional<List<String>> warnings) {

    /** What one principal has. */
    public record Assignment(String principal, List<Privilege> privileges) {}

    static GrantsResource of(List<Grant> grants, Optional<List<String>> warnings) {
        Map<String, List<Privilege>> byPrincipal = new TreeMap<>();
        grants.forEach(grant -> byPrincipal
                .computeIfAbsent(grant.principal(), _ -> new ArrayList<>())
                .add(grant.privilege()));
        return new GrantsResource(
                byPrincipal.entrySet().stream()
                        .map(entry -> new Assignment(entry.getKey(), entry.getValue()))
                        .toList(),
                warnings);
    }
}
