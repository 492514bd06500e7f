package dev.espalier.api.scim;

import dev.espalier.control.Directory.Entry;
import dev.espalier.identity.Principal;
import dev.espalier.identity.PrincipalKind;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import tools.jackson.databind.PropertyNamingStrategies.LowerCamelCaseStrategy;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * Who has signed in. A service principal is written as a user here, too, because clients want to know one thing of either.
 *
 * @param userName a service principal's client id
 * @param groups all that he belongs to, also through other groups
 */
@JsonNaming(LowerCamelCaseStrategy.class)
public record MeResource(
        List<String> schemas,
        String id,
        String userName,
        String displayName,
        boolean active,
        List<ScimReference> groups) {

    static MeResource of(Entry entry, Principal principal) {
        boolean user = entry.kind() == PrincipalKind.USER;
        return new MeResource(
                List.of(UserResource.SCHEMA),
                Long.toString(entry.id()),
                user ? entry.name() : entry.uid(),
                user ? entry.fullName().orElse(entry.name()) : entry.name(),
                entry.active(),
                new TreeSet<>(principal.groups())
                        .stream()
                                .map(name -> new ScimReference(Optional.empty(), Optional.of(name)))
                                .toList());
    }
}
