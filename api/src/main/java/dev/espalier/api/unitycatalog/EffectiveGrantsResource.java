package dev.espalier.api.unitycatalog;

import dev.espalier.control.metastore.Grant;
import dev.espalier.control.metastore.Privilege;
import dev.espalier.control.metastore.Securable;
import dev.espalier.control.metastore.SecurableType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** What is given on a securable and on what it lies in. */
public record EffectiveGrantsResource(List<Assignment> privilegeAssignments) {

    /** What one principal has. */
    public record Assignment(String principal, List<Effective> privileges) {}

    /** One privilege, and where it comes from; nothing for the securable itself. */
    public record Effective(
            Privilege privilege, Optional<SecurableType> inheritedFromType, Optional<String> inheritedFromName) {

        private static Effective of(Grant grant, Securable on) {
            Optional<Securable> from = grant.on().equals(on) ? Optional.empty() : Optional.of(grant.on());
            return new Effective(
                    grant.privilege(),
                    from.map(Securable::type),
                    from.map(above -> above.name().toString()));
        }
    }

    static EffectiveGrantsResource of(List<Grant> grants, Securable on) {
        Map<String, List<Effective>> byPrincipal = new TreeMap<>();
        grants.forEach(grant -> byPrincipal
                .computeIfAbsent(grant.principal(), _ -> new ArrayList<>())
                .add(Effective.of(grant, on)));
        return new EffectiveGrantsResource(byPrincipal.entrySet().stream()
                .map(entry -> new Assignment(entry.getKey(), entry.getValue()))
                .toList());
    }
}
