package dev.espalier.cli.client;

import static java.util.stream.Collectors.joining;

import dev.espalier.cli.failure.ExitCode;
import dev.espalier.cli.failure.Failure;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * Calls of the API, by verb. Paths are resource names as the API has them ({@code projects/x/branches/y}), or whole paths
 * that begin with a slash. An answer with
 * an error status becomes a {@link Failure} with the exit code it means.
 */
public final class ApiClient {
    private static final String ROOT = "/api/2.0/postgres/";

    private final Transport transport;
    private final SignIn signIn;

    public ApiClient(
            Transport transport, Map<String, String> variables, Home home, Clock clock, Consumer<String> warnings) {
        this.transport = transport;
        this.signIn = new SignIn(transport, variables, home, clock, warnings);
    }

    public Reply get(String path, Query query) {
        return call("GET", path, query, null);
    }

    /** @param patience time for an answer that takes long */
    public Reply get(String path, Query query, Duration patience) {
        return call("GET", path, query, null, patience);
    }

    public Reply post(String path, Query query, JsonNode body) {
        return call("POST", path, query, body);
    }

    public Reply patch(String path, Query query, JsonNode body) {
        return call("PATCH", path, query, body);
    }

    public Reply put(String path, Query query, JsonNode body) {
        return call("PUT", path, query, body);
    }

    public Reply delete(String path, Query query) {
        return call("DELETE", path, query, null);
    }

    /** The token that the calls carry, for what signs in elsewhere with it. */
    public String accessToken() {
        return signIn.token(false);
    }

    private Reply call(String method, String path, Query query, @Nullable JsonNode body) {
        return call(method, path, query, body, Transport.ANSWER);
    }

    private Reply call(String method, String path, Query query, @Nullable JsonNode body, Duration patience) {
        HttpResponse<String> answer = attempt(method, path, query, body, patience, false);
        if (answer.statusCode() == 401) {
            // A kept token is also refused when the server was set up anew since; one new sign-in decides.
            answer = attempt(method, path, query, body, patience, true);
        }
        if (answer.statusCode() / 100 != 2) {
            throw ApiErrors.failure(answer.statusCode(), answer.body());
        }
        try {
            return new Reply(answer.body(), Json.parse(answer.body()));
        } catch (JacksonException notJson) {
            throw new Failure(
                    ExitCode.OTHER,
                    "What answers at " + transport.host() + " is not Espalier: it sent no JSON. Check --host or"
                            + " ESPALIER_HOST.",
                    notJson);
        }
    }

    private HttpResponse<String> attempt(
            String method, String path, Query query, @Nullable JsonNode body, Duration patience, boolean freshToken) {
        HttpRequest.Builder request = transport
                .request((path.startsWith("/") ? "" : ROOT) + encode(path) + query.text())
                .timeout(patience)
                .header("Authorization", "Bearer " + signIn.token(freshToken));
        if (body == null) {
            request.method(method, BodyPublishers.noBody());
        } else {
            request.header("Content-Type", "application/json").method(method, BodyPublishers.ofString(body.toString()));
        }
        return transport.send(request.build());
    }

    /** Slashes separate; whatever else a name holds is data. */
    private static String encode(String path) {
        return Arrays.stream(path.split("/", -1)).map(ApiClient::encodePart).collect(joining("/"));
    }

    private static String encodePart(String part) {
        return URLEncoder.encode(part, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
