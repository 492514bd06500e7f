package dev.espalier.api.scim;

import dev.espalier.control.Directory.Entry;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.PropertyNamingStrategies.LowerCamelCaseStrategy;
import tools.jackson.databind.annotation.JsonNaming;

/** A user, with the groups that he is directly in. */
@JsonNaming(LowerCamelCaseStrategy.class)
public record UserResource(
        List<String> schemas,
        String id,
        String userName,
        Optional<String> displayName,
        Optional<String> externalId,
        boolean active,
        List<ScimReference> groups) {

    static final String SCHEMA = "urn:ietf:params:scim:schemas:core:2.0:User";

    static UserResource of(Entry entry) {
        return new UserResource(
                List.of(SCHEMA),
                Long.toString(entry.id()),
                entry.name(),
                entry.fullName(),
                entry.externalId(),
                entry.active(),
                ScimReference.of(entry.groups()));
    }
}
