package dev.espalier.api.scim;

import dev.espalier.control.Directory.Change;
import dev.espalier.control.Directory.Entry;
import dev.espalier.control.Directory.NewPrincipal;
import dev.espalier.identity.Principal;
import dev.espalier.identity.PrincipalKind;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.PropertyNamingStrategies.LowerCamelCaseStrategy;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * A user as a client sends it.
 *
 * @param userName the e-mail address
 * @param active where it is not given, a new one may sign in, and one that is there stays as it is
 */
@JsonNaming(LowerCamelCaseStrategy.class)
public record UserBody(
        Optional<String> userName, Optional<String> displayName, Optional<String> externalId, Optional<Boolean> active)
        implements ScimBody {

    @Override
    public NewPrincipal create() {
        return new NewPrincipal(
                PrincipalKind.USER,
                ScimBody.required(userName, "userName"),
                displayName,
                externalId,
                active.orElse(true),
                Set.of());
    }

    @Override
    public Change replace(Entry entry) {
        return new Change(
                Principal.folded(ScimBody.required(userName, "userName")),
                displayName,
                externalId,
                active.orElse(entry.active()),
                Set.of());
    }
}
