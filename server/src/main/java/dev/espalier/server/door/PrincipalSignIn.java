package dev.espalier.server.door;

import dev.espalier.api.Identity;
import dev.espalier.gateway.Acting;
import dev.espalier.gateway.ClientInfo;
import dev.espalier.gateway.Principal;
import dev.espalier.gateway.Refusal;
import dev.espalier.gateway.ScramVerifier;
import dev.espalier.gateway.SignIn;
import dev.espalier.identity.ClientCredentials.Verifiers;
import dev.espalier.identity.ClientSecrets;
import dev.espalier.identity.DatabaseCredentials;
import dev.espalier.identity.DatabaseCredentials.Grant;
import dev.espalier.identity.Verdict;
import dev.espalier.identity.Verdict.Accepted;
import dev.espalier.identity.Verdict.Reason;
import dev.espalier.identity.Verdict.Refused;
import java.util.List;
import java.util.Optional;

/**
 * Signs in who shows an access token of a trusted issuer, an endpoint's credential or a service principal's client secret as
 * the password, or proves by SCRAM that he knows the secret.
 */
final class PrincipalSignIn implements SignIn {

    /** SQLSTATE invalid_password; PostgreSQL's own for a refused sign-in. */
    private static final String INVALID_PASSWORD = "28P01";

    private static final String NEW_TOKEN =
            "Get an access token from /oidc/v1/token or your identity provider, or use espalier psql, which does it for you.";

    private static final String ABOUT_SECRETS =
            "espalier principals list shows who there is; a secret is only shown when it is made.";

    private final Identity identity;

    PrincipalSignIn(Identity identity) {
        this.identity = identity;
    }

    @Override
    public Principal verify(String user, String password, ClientInfo client) throws Refusal {
        try {
            return verified(user, password);
        } catch (RuntimeException e) {
            throw BranchRouter.refusal(e);
        }
    }

    private Principal verified(String user, String password) throws Refusal {
        if (password.startsWith(ClientSecrets.PREFIX)) {
            return signedIn(good(identity.clientCredentials().check(user, password), "secret", ABOUT_SECRETS));
        }
        Optional<String> endpoint = DatabaseCredentials.endpointOf(password);
        Grant grant = endpoint.isPresent()
                ? byCredential(password, endpoint.get())
                : new Grant(
                        good(identity.trustedTokens().verify(password), "password", NEW_TOKEN),
                        List.of(),
                        dev.espalier.identity.Acting.NOBODY);
        dev.espalier.identity.Principal principal = grant.principal();
        if (!principal.goesBy(user)) {
            throw new Refusal(
                    INVALID_PASSWORD,
                    "the token stands for " + principal.name() + ", and the user is " + user,
                    "Connect with user=" + principal.name() + ", or with a token of " + user + ".");
        }
        dev.espalier.identity.Acting actor = grant.acting();
        return new Principal(
                principal.id(),
                principal.name(),
                principal.kind().name(),
                new Acting(actor.agent(), actor.application(), actor.tool(), actor.requestId()),
                endpoint);
    }

    @Override
    public ScramVerifier scramVerifier(String user, ClientInfo client) throws Refusal {
        try {
            Verifiers found = good(identity.clientCredentials().verifiers(user), "user", ABOUT_SECRETS);
            return new ScramVerifier(found.verifiers(), signedIn(found.principal()));
        } catch (RuntimeException e) {
            throw BranchRouter.refusal(e);
        }
    }

    private Grant byCredential(String token, String endpoint) throws Refusal {
        Grant grant = good(identity.databaseCredentials().verify(token, endpoint), "credential", NEW_TOKEN);
        if (!grant.claims().isEmpty()) {
            throw new Refusal(
                    "0A000",
                    "the credential is limited to tables, and such a limit cannot be held to yet",
                    "Ask for one without claims.");
        }
        return grant;
    }

    /** @param shown what the client has shown */
    private static <T> T good(Verdict<T> verdict, String shown, String hint) throws Refusal {
        return switch (verdict) {
            case Accepted<T>(T value) -> value;
            case Refused<T>(Reason reason, String message) ->
                throw new Refusal(
                        reason == Reason.ISSUER_UNREACHABLE ? "08006" : INVALID_PASSWORD,
                        "the " + shown + " is not accepted (" + reason + "): " + message,
                        hint);
        };
    }

    private static Principal signedIn(dev.espalier.identity.Principal principal) {
        return new Principal(principal.id(), principal.name(), principal.kind().name(), Acting.NOBODY);
    }
}
