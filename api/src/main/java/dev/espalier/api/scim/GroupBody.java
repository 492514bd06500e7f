package dev.espalier.api.scim;

import dev.espalier.control.Directory.Change;
import dev.espalier.control.Directory.Entry;
import dev.espalier.control.Directory.NewPrincipal;
import dev.espalier.identity.PrincipalKind;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.PropertyNamingStrategies.LowerCamelCaseStrategy;
import tools.jackson.databind.annotation.JsonNaming;

/** A group as a client sends it. */
@JsonNaming(LowerCamelCaseStrategy.class)
public record GroupBody(
        Optional<String> displayName, Optional<String> externalId, Optional<List<ScimReference>> members)
        implements ScimBody {

    @Override
    public NewPrincipal create() {
        return new NewPrincipal(
                PrincipalKind.GROUP,
                ScimBody.required(displayName, "displayName"),
                Optional.empty(),
                externalId,
                true,
                ScimBody.ids(members));
    }

    @Override
    public Change replace(Entry entry) {
        return new Change(
                ScimBody.required(displayName, "displayName"),
                Optional.empty(),
                externalId,
                true,
                ScimBody.ids(members));
    }
}
