package dev.espalier.api.scim;

import dev.espalier.control.Directory.Change;
import dev.espalier.control.Directory.Entry;
import dev.espalier.control.Directory.NewPrincipal;
import dev.espalier.identity.PrincipalKind;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.PropertyNamingStrategies.LowerCamelCaseStrategy;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * A service principal as a client sends it.
 *
 * @param active where it is not given, a new one may sign in, and one that is there stays as it is
 */
@JsonNaming(LowerCamelCaseStrategy.class)
public record ServicePrincipalBody(Optional<String> displayName, Optional<String> externalId, Optional<Boolean> active)
        implements ScimBody {

    @Override
    public NewPrincipal create() {
        return new NewPrincipal(
                PrincipalKind.SERVICE_PRINCIPAL,
                ScimBody.required(displayName, "displayName"),
                Optional.empty(),
                externalId,
                active.orElse(true),
                Set.of());
    }

    @Override
    public Change replace(Entry entry) {
        return new Change(
                displayName.orElse(entry.name()),
                Optional.empty(),
                externalId,
                active.orElse(entry.active()),
                Set.of());
    }
}
