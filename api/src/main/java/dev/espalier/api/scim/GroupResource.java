package dev.espalier.api.scim;

import dev.espalier.control.Directory.Entry;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.PropertyNamingStrategies.LowerCamelCaseStrategy;
import tools.jackson.databind.annotation.JsonNaming;

/** A group, with those who are directly in it, and the groups that it is directly in. */
@JsonNaming(LowerCamelCaseStrategy.class)
public record GroupResource(
        List<String> schemas,
        String id,
        String displayName,
        Optional<String> externalId,
        List<ScimReference> members,
        List<ScimReference> groups) {

    private static final String SCHEMA = "urn:ietf:params:scim:schemas:core:2.0:Group";

    static GroupResource of(Entry entry) {
        return new GroupResource(
                List.of(SCHEMA),
                Long.toString(entry.id()),
                entry.name(),
                entry.externalId(),
                ScimReference.of(entry.members()),
                ScimReference.of(entry.groups()));
    }
}
