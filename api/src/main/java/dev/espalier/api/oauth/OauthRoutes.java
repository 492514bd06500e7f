package dev.espalier.api.oauth;

import dev.espalier.api.http.Request;
import dev.espalier.api.http.Route;
import dev.espalier.identity.AccessTokens;
import dev.espalier.identity.ClientCredentials;
import dev.espalier.identity.SigningKeys;
import java.time.Clock;
import java.util.List;
import java.util.Map;

/** Where clients learn how to sign in, and do. Addresses in the answers are those by which the client has come. */
public final class OauthRoutes {

    private static final String OIDC = "/oidc";
    private static final String TOKEN = OIDC + "/v1/token";
    private static final String JWKS = OIDC + "/jwks.json";

    /** There is one workspace in an installation; clients want to know its name. */
    public static final String WORKSPACE = "1";

    private final TokenEndpoint endpoint;
    private final AccessTokens tokens;
    private final SigningKeys keys;

    public OauthRoutes(ClientCredentials credentials, AccessTokens tokens, SigningKeys keys, Clock clock) {
        this.endpoint = new TokenEndpoint(credentials, tokens, clock);
        this.tokens = tokens;
        this.keys = keys;
    }

    public List<Route> routes() {
        return List.of(
                Route.get(
                                "/.well-known/databricks-config",
                                "getHostMetadata",
                                "Tells where signing in is described.",
                                HostMetadata.class,
                                this::host)
                        .withoutSignIn(),
                Route.get(
                                OIDC + "/.well-known/oauth-authorization-server",
                                "getAuthorizationServer",
                                "Describes how to sign in.",
                                AuthorizationServer.class,
                                this::authorizationServer)
                        .withoutSignIn(),
                Route.get(
                                JWKS,
                                "getSigningKeys",
                                "The keys that tokens can be checked with.",
                                Map.class,
                                _ -> keys.jwks())
                        .withoutSignIn(),
                Route.post(TOKEN, "issueToken", "Issues an access token.", TokenAnswer.class, this::token)
                        .form(TokenRequest.class)
                        .withoutSignIn());
    }

    private Object host(Request request) {
        return new HostMetadata(request.server() + OIDC, WORKSPACE);
    }

    private Object authorizationServer(Request request) {
        return new AuthorizationServer(
                tokens.issuer(),
                request.server() + TOKEN,
                request.server() + JWKS,
                List.of(TokenEndpoint.GRANT_TYPE),
                List.of("client_secret_basic"),
                List.of(AccessTokens.SCOPE),
                List.of());
    }

    private Object token(Request request) {
        return endpoint.answer(
                request.header("Authorization"), request.form("grant_type"), request.form("scope"), request::signedIn);
    }
}
