package dev.espalier.identity;

import java.util.Optional;

/** Signs a service principal in with its client id and secret. */
public final class ClientCredentials {

    private final PrincipalStore principals;
    private final ClientSecrets secrets;

    public ClientCredentials(PrincipalStore principals, ClientSecrets secrets) {
        this.principals = principals;
        this.secrets = secrets;
    }

    /** The principal; empty if there is no such client id or it has another secret, which is not told apart. */
    public Optional<ServicePrincipal> check(String clientId, String secret) {
        return principals.find(clientId).filter(principal -> secrets.matches(secret, principal.secretHash()));
    }
}
