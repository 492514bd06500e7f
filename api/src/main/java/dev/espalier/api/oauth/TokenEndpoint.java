package dev.espalier.api.oauth;

import dev.espalier.api.http.Answer;
import dev.espalier.identity.AccessTokens;
import dev.espalier.identity.ClientCredentials;
import dev.espalier.identity.IssuedToken;
import dev.espalier.identity.Principal;
import dev.espalier.identity.Verdict;
import dev.espalier.identity.Verdict.Accepted;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** Issues access tokens for client credentials (RFC 6749, section 4.4). It knows nothing of HTTP but the header it reads. */
final class TokenEndpoint {

    static final String GRANT_TYPE = "client_credentials";

    private static final String BASIC = "Basic ";

    private record Pair(String clientId, String secret) {}

    private final ClientCredentials credentials;
    private final AccessTokens tokens;
    private final Clock clock;

    TokenEndpoint(ClientCredentials credentials, AccessTokens tokens, Clock clock) {
        this.credentials = credentials;
        this.tokens = tokens;
        this.clock = clock;
    }

    /** @param signedIn told who it is, before a token is issued */
    Answer answer(
            Optional<String> authorization,
            Optional<String> grantType,
            Optional<String> scope,
            Consumer<Principal> signedIn) {
        if (grantType.isEmpty()) {
            return refused(
                    400, "invalid_request", "grant_type is missing. Send grant_type=" + GRANT_TYPE + " as a form.");
        }
        if (!grantType.get().equals(GRANT_TYPE)) {
            return refused(400, "unsupported_grant_type", "only " + GRANT_TYPE + " is supported.");
        }
        if (scope.isPresent()
                && !Arrays.stream(scope.get().split(" "))
                        .allMatch(wanted -> wanted.isEmpty() || wanted.equals(AccessTokens.SCOPE))) {
            return refused(400, "invalid_scope", "the only scope is " + AccessTokens.SCOPE + ".");
        }
        Optional<Principal> principal = pair(authorization).flatMap(this::principal);
        principal.ifPresent(signedIn);
        return principal
                .map(this::issued)
                .orElseGet(() -> refused(
                        401,
                        "invalid_client",
                        "client id or client secret is wrong or missing. Send both by HTTP Basic; the administrator's are in "
                                + "admin-credentials.json in the server's home."));
    }

    /** Why it is none is not told to who may be anyone. */
    private Optional<Principal> principal(Pair pair) {
        Verdict<Principal> verdict = credentials.check(pair.clientId(), pair.secret());
        return verdict instanceof Accepted<Principal>(Principal principal) ? Optional.of(principal) : Optional.empty();
    }

    private Answer issued(Principal principal) {
        IssuedToken issued = tokens.issue(principal);
        long seconds = Duration.between(clock.instant(), issued.expires()).toSeconds();
        return Answer.uncached(new TokenAnswer(issued.token(), "Bearer", seconds, AccessTokens.SCOPE));
    }

    private static Answer refused(int status, String error, String description) {
        Map<String, String> headers = status == 401 ? Map.of("WWW-Authenticate", "Basic realm=\"espalier\"") : Map.of();
        return new Answer(status, headers, new TokenError(error, description), Optional.of(error));
    }

    private static Optional<Pair> pair(Optional<String> authorization) {
        String header = authorization.orElse("");
        if (!header.regionMatches(true, 0, BASIC, 0, BASIC.length())) {
            return Optional.empty();
        }
        try {
            byte[] decoded =
                    Base64.getDecoder().decode(header.substring(BASIC.length()).strip());
            String text = new String(decoded, StandardCharsets.UTF_8);
            int colon = text.indexOf(':');
            return colon < 0 || text.indexOf('\0') >= 0
                    ? Optional.empty()
                    : Optional.of(new Pair(text.substring(0, colon), text.substring(colon + 1)));
        } catch (IllegalArgumentException notBase64) {
            return Optional.empty();
        }
    }
}
