package dev.espalier.api.principal;

import dev.espalier.identity.ServicePrincipal;
import java.util.Optional;

/**
 * A service principal.
 *
 * @param clientSecret only in the answer to its creation; nobody can read it again
 */
public record PrincipalResource(String name, String clientId, boolean administrator, Optional<String> clientSecret) {

    static PrincipalResource of(ServicePrincipal principal, Optional<String> secret) {
        return new PrincipalResource(principal.name(), principal.clientId(), principal.administrator(), secret);
    }

    /** Without the secret: this text may end up in a log. */
    @Override
    public String toString() {
        return "PrincipalResource[" + name + "]";
    }
}
