package dev.espalier.api.scim;

import dev.espalier.control.Directory.Entry;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.PropertyNamingStrategies.LowerCamelCaseStrategy;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * A service principal, with the groups that it is directly in.
 *
 * @param applicationId its client id
 */
@JsonNaming(LowerCamelCaseStrategy.class)
public record ServicePrincipalResource(
        List<String> schemas,
        String id,
        String applicationId,
        String displayName,
        Optional<String> externalId,
        boolean active,
        List<ScimReference> groups) {

    private static final String SCHEMA = "urn:ietf:params:scim:schemas:core:2.0:ServicePrincipal";

    static ServicePrincipalResource of(Entry entry) {
        return new ServicePrincipalResource(
                List.of(SCHEMA),
                Long.toString(entry.id()),
                entry.uid(),
                entry.name(),
                entry.externalId(),
                entry.active(),
                ScimReference.of(entry.groups()));
    }
}
