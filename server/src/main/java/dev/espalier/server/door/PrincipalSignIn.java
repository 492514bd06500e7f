package dev.espalier.server.door;

import dev.espalier.api.Identity;
import dev.espalier.control.ServicePrincipals;
import dev.espalier.gateway.ClientInfo;
import dev.espalier.gateway.Principal;
import dev.espalier.gateway.Refusal;
import dev.espalier.gateway.ScramVerifier;
import dev.espalier.gateway.SignIn;
import dev.espalier.identity.ClientSecrets;
import dev.espalier.identity.DatabaseCredentials;
import dev.espalier.identity.DatabaseCredentials.Grant;
import dev.espalier.identity.ServicePrincipal;
import dev.espalier.identity.Verdict.Accepted;
import dev.espalier.identity.Verdict.Reason;
import dev.espalier.identity.Verdict.Refused;
import java.util.Optional;

/** Signs in who shows an access token, an endpoint's credential or a service principal's client secret as the password. */
final class PrincipalSignIn implements SignIn {

    static final String KIND = "SERVICE_PRINCIPAL";

    /** SQLSTATE invalid_password; PostgreSQL's own for a refused sign-in. */
    private static final String INVALID_PASSWORD = "28P01";

    private static final String NEW_TOKEN =
            "Get an access token from /oidc/v1/token, or use espalier psql, which does it for you.";

    private final ServicePrincipals principals;
    private final Identity identity;

    PrincipalSignIn(ServicePrincipals principals, Identity identity) {
        this.principals = principals;
        this.identity = identity;
    }

    @Override
    public Principal verify(String user, String password, ClientInfo client) throws Refusal {
        Optional<String> endpoint = DatabaseCredentials.endpointOf(password);
        ServicePrincipal principal = endpoint.isPresent()
                ? byCredential(password, endpoint.get())
                : password.startsWith(ClientSecrets.PREFIX) ? bySecret(user, password) : byToken(password);
        if (!user.equals(principal.name()) && !user.equals(principal.clientId())) {
            throw new Refusal(
                    INVALID_PASSWORD,
                    "the token stands for " + principal.name() + ", and the user is " + user,
                    "Connect with user=" + principal.name() + ", or with a token of " + user + ".");
        }
        return new Principal(principal.name(), KIND, Optional.empty(), endpoint);
    }

    /** Of a client secret only a salted hash is kept, from which no SCRAM verifier can be made. */
    @Override
    public ScramVerifier scramVerifier(String user, ClientInfo client) throws Refusal {
        throw new Refusal(
                "0A000",
                "SCRAM needs a verifier, and of tokens and client secrets none is kept",
                "Leave out espalier.auth: over TLS the password is sent encrypted.");
    }

    /** Whether there is such a principal is not told apart from whether its secret is another one. */
    private ServicePrincipal bySecret(String user, String secret) throws Refusal {
        return principals
                .named(user)
                .filter(found -> identity.secrets().matches(secret, found.secretHash()))
                .orElseThrow(() -> new Refusal(
                        INVALID_PASSWORD,
                        "there is no service principal " + user + " with this client secret",
                        "espalier principals list shows the names; a secret is only shown when it is made."));
    }

    private ServicePrincipal byCredential(String token, String endpoint) throws Refusal {
        return switch (identity.databaseCredentials().verify(token, endpoint)) {
            case Accepted<Grant>(Grant grant) -> {
                if (!grant.claims().isEmpty()) {
                    throw new Refusal(
                            "0A000",
                            "the credential is limited to tables, and such a limit cannot be held to yet",
                            "Ask for one without claims.");
                }
                yield grant.principal();
            }
            case Refused<Grant>(Reason reason, String message) ->
                throw new Refusal(
                        INVALID_PASSWORD, "the credential is not accepted (" + reason + "): " + message, NEW_TOKEN);
        };
    }

    private ServicePrincipal byToken(String token) throws Refusal {
        return switch (identity.accessTokens().verify(token)) {
            case Accepted<ServicePrincipal>(ServicePrincipal principal) -> principal;
            case Refused<ServicePrincipal>(Reason reason, String message) ->
                throw new Refusal(
                        INVALID_PASSWORD, "the password is not accepted (" + reason + "): " + message, NEW_TOKEN);
        };
    }
}
