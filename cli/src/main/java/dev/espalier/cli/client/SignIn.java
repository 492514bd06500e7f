package dev.espalier.cli.client;

import dev.espalier.cli.failure.ExitCode;
import dev.espalier.cli.failure.Failure;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** Gets the token that every call carries: the kept one, or a new one from the token endpoint (OAuth client credentials). */
final class SignIn {
    /** A token this near its end is not used any more: the call that carries it must still be under way before that. */
    private static final Duration MARGIN = Duration.ofSeconds(60);

    private final Transport transport;
    private final Map<String, String> variables;
    private final Home home;
    private final Clock clock;
    private final Consumer<String> warnings;

    SignIn(Transport transport, Map<String, String> variables, Home home, Clock clock, Consumer<String> warnings) {
        this.transport = transport;
        this.variables = variables;
        this.home = home;
        this.clock = clock;
        this.warnings = warnings;
    }

    /** @param fresh true when the kept token has been refused */
    String token(boolean fresh) {
        ClientCredentials credentials = ClientCredentials.find(variables, home, transport.host());
        TokenCache cache = new TokenCache(home.token());
        Instant latest = clock.instant().plus(MARGIN);
        Optional<TokenCache.Token> kept =
                fresh ? Optional.empty() : cache.find(transport.host(), credentials.fingerprint(), latest);
        return kept.orElseGet(() -> issue(credentials, cache)).accessToken();
    }

    private TokenCache.Token issue(ClientCredentials credentials, TokenCache cache) {
        HttpResponse<String> answer = transport.send(transport
                .request("/oidc/v1/token")
                .header("Authorization", credentials.basic())
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(BodyPublishers.ofString("grant_type=client_credentials&scope=all-apis"))
                .build());
        if (answer.statusCode() != 200) {
            throw refused(credentials, answer);
        }
        try {
            JsonNode json = Json.parse(answer.body());
            TokenCache.Token token = new TokenCache.Token(
                    transport.host(),
                    credentials.fingerprint(),
                    json.path("access_token").asString(""),
                    clock.instant().plusSeconds(json.path("expires_in").asLong(0)));
            keep(cache, token);
            return token;
        } catch (JacksonException notJson) {
            throw new Failure(
                    ExitCode.OTHER,
                    "What answers at " + transport.host() + " is not Espalier: its token endpoint sent no JSON. Check"
                            + " --host or ESPALIER_HOST.",
                    notJson);
        }
    }

    /** A token that cannot be kept is still a token: the command goes on, and says why the next one will sign in again. */
    private void keep(TokenCache cache, TokenCache.Token token) {
        try {
            cache.keep(token);
        } catch (IOException failed) {
            warnings.accept("The token is not kept for the next command, because " + cache.file()
                    + " cannot be written (" + failed + ").");
        }
    }

    private Failure refused(ClientCredentials credentials, HttpResponse<String> answer) {
        String reason = ApiErrors.summary(answer.body()).orElse("HTTP " + answer.statusCode());
        boolean wrong = answer.statusCode() == 400 || answer.statusCode() == 401 || answer.statusCode() == 403;
        return Failure.answered(
                wrong ? ExitCode.NOT_ALLOWED : ExitCode.OTHER,
                "Signing in at " + transport.host() + " as " + credentials.clientId() + " failed: " + reason,
                answer.body());
    }
}
