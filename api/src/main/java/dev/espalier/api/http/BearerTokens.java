package dev.espalier.api.http;

import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.ControlException.Code;
import dev.espalier.identity.Principal;
import dev.espalier.identity.TrustedTokens;
import dev.espalier.identity.Verdict.Accepted;
import dev.espalier.identity.Verdict.Reason;
import dev.espalier.identity.Verdict.Refused;
import java.util.Map;
import java.util.Optional;

/** Finds out who calls, by the access token in the header {@code Authorization}. */
final class BearerTokens {

    private static final String SCHEME = "Bearer ";

    private final TrustedTokens tokens;

    BearerTokens(TrustedTokens tokens) {
        this.tokens = tokens;
    }

    /** @throws ControlException saying why the token, or its absence, is not accepted */
    Principal principal(Optional<String> authorization) {
        String header = authorization.orElse("");
        if (!header.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
            throw new ControlException(
                    Code.UNAUTHENTICATED,
                    "not signed in. Get an access token from /oidc/v1/token and send it as Authorization: Bearer TOKEN.",
                    "TOKEN_MISSING",
                    Map.of());
        }
        return switch (tokens.verify(header.substring(SCHEME.length()).strip())) {
            case Accepted<Principal>(Principal principal) -> principal;
            case Refused<Principal>(Reason reason, String message) ->
                throw new ControlException(Code.UNAUTHENTICATED, message, "TOKEN_" + reason, Map.of());
        };
    }
}
