package dev.espalier.api.system;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.espalier.identity.ServicePrincipal;
import java.util.List;

/** Who has signed in, as SCIM (RFC 7643) writes a user. */
public record Me(
        List<String> schemas,
        String id,
        @JsonProperty("userName") String userName,
        @JsonProperty("displayName") String displayName,
        boolean active,
        List<Group> groups) {

    private static final String USER = "urn:ietf:params:scim:schemas:core:2.0:User";

    /** A group of principals. */
    public record Group(String display) {}

    static Me of(ServicePrincipal principal) {
        return new Me(
                List.of(USER),
                principal.clientId(),
                principal.clientId(),
                principal.name(),
                true,
                principal.administrator() ? List.of(new Group("admins")) : List.of());
    }
}
