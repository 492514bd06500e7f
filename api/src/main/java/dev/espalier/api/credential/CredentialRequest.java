package dev.espalier.api.credential;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.ControlException.Code;
import dev.espalier.control.request.ResourceName;
import dev.espalier.identity.Acting;
import dev.espalier.identity.DatabaseCredentials;
import dev.espalier.identity.DatabaseCredentials.Claim;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** What a database credential is asked for. */
public record CredentialRequest(
        @JsonPropertyDescription("Full name of the endpoint it is good at.")
        Optional<String> endpoint,

        @JsonPropertyDescription("How long it is good: 300s to 3600s; 3600s where nothing is said.")
        Optional<Duration> ttl,

        @JsonPropertyDescription("Until when it is good; give this or ttl.")
        Optional<Instant> expireTime,

        @JsonPropertyDescription("What it is limited to.") Optional<List<RequestedClaims>> claims,

        @JsonPropertyDescription("What will use it in the caller's name; stands in history and audit.")
        Optional<RequestedActor> acting) {

    /** What acts in the caller's name. */
    public record RequestedActor(
            Optional<String> agent, Optional<String> application, Optional<String> tool, Optional<String> requestId) {}

    /** What may be done. */
    public enum PermissionSet {
        READ_ONLY
    }

    /** What may be done with what. */
    public record RequestedClaims(Optional<PermissionSet> permissionSet, Optional<List<RequestedResource>> resources) {

        private Claim claim() {
            return new Claim(
                    permissionSet
                            .orElseThrow(() -> missing("claims.permission_set"))
                            .name(),
                    resources.orElse(List.of()).stream()
                            .map(resource ->
                                    resource.tableName().orElseThrow(() -> missing("claims.resources.table_name")))
                            .toList());
        }
    }

    /** A table. */
    public record RequestedResource(Optional<String> tableName) {}

    ResourceName endpointName() {
        ResourceName name = ResourceName.parse(endpoint.orElseThrow(() -> missing("endpoint")));
        if (!name.collection().equals(Optional.of("endpoints"))) {
            throw new ControlException(
                    Code.INVALID_PARAMETER_VALUE,
                    "endpoint \"" + name
                            + "\" is not an endpoint. Write projects/PROJECT/branches/BRANCH/endpoints/ENDPOINT.");
        }
        return name;
    }

    Duration lifetime(Instant now) {
        if (ttl.isPresent() && expireTime.isPresent()) {
            throw new ControlException(
                    Code.INVALID_PARAMETER_VALUE, "ttl and expire_time are both given. Give one of them.");
        }
        return ttl.or(() -> expireTime.map(time -> Duration.between(now, time))).orElse(DatabaseCredentials.LONGEST);
    }

    /** @throws IllegalArgumentException if a name cannot be one */
    Acting actor() {
        return acting.map(actor -> new Acting(
                        actor.agent().orElse(""),
                        actor.application().orElse(""),
                        actor.tool().orElse(""),
                        actor.requestId().orElse("")))
                .orElse(Acting.NOBODY);
    }

    List<Claim> limits() {
        return claims.orElse(List.of()).stream().map(RequestedClaims::claim).toList();
    }

    private static ControlException missing(String field) {
        return new ControlException(Code.INVALID_PARAMETER_VALUE, field + " is missing. Give it.");
    }
}
