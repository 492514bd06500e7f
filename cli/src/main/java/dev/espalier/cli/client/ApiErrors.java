package dev.espalier.cli.client;

import dev.espalier.cli.failure.ExitCode;
import dev.espalier.cli.failure.Failure;
import java.util.Optional;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** Reads the API's error bodies: {@code {error_code, message, details[]}}, and OAuth's {@code {error, error_description}}. */
public final class ApiErrors {
    /** Codes and reasons that say: not in this state. They come with status 400 as well as 409. */
    private static final Set<String> CONFLICTS = Set.of(
            "ALREADY_EXISTS",
            "RESOURCE_ALREADY_EXISTS",
            "RESOURCE_CONFLICT",
            "INVALID_STATE",
            "FAILED_PRECONDITION",
            "ABORTED",
            "BRANCH_PROTECTED",
            "BRANCH_HAS_CHILDREN",
            "BRANCH_IS_ROOT");

    private ApiErrors() {}

    /** The failure that an answer with an error status means. */
    static Failure failure(int status, String body) {
        Optional<JsonNode> json = parse(body);
        String message = summary(body)
                .orElseGet(() -> "The server answered HTTP " + status
                        + " without saying why. Its log tells more; is there another program before it?");
        String request = status < 500 ? "" : json.flatMap(ApiErrors::requestId).orElse("");
        return Failure.answered(exitCode(status, json), message + request, body);
    }

    /** The failure of an operation, from its {@code error} and the operation's own body. */
    public static Failure failedOperation(JsonNode error, String body) {
        String message = error.path("message").asString("The server does not say why.");
        return Failure.answered(isConflict(error) ? ExitCode.CONFLICT : ExitCode.OPERATION_FAILED, message, body);
    }

    /** What the body says in words, if it says anything. */
    static Optional<String> summary(String body) {
        return parse(body)
                .map(json -> json.path("message")
                        .asString(json.path("error_description")
                                .asString(json.path("error").asString(""))))
                .filter(text -> !text.isBlank());
    }

    private static ExitCode exitCode(int status, Optional<JsonNode> json) {
        return switch (status) {
            case 401, 403 -> ExitCode.NOT_ALLOWED;
            case 404 -> ExitCode.NOT_FOUND;
            case 409 -> ExitCode.CONFLICT;
            default ->
                json.filter(ApiErrors::isConflict)
                        .map(conflict -> ExitCode.CONFLICT)
                        .orElse(ExitCode.OTHER);
        };
    }

    private static boolean isConflict(JsonNode json) {
        return CONFLICTS.contains(json.path("error_code").asString(""))
                || json.path("details")
                        .valueStream()
                        .anyMatch(detail ->
                                CONFLICTS.contains(detail.path("reason").asString("")));
    }

    private static Optional<String> requestId(JsonNode json) {
        return json.path("details")
                .valueStream()
                .map(detail -> detail.path("request_id").asString(""))
                .filter(id -> !id.isEmpty())
                .findFirst()
                .map(id -> " (request " + id + ")");
    }

    private static Optional<JsonNode> parse(String body) {
        try {
            return Optional.of(Json.parse(body)).filter(JsonNode::isObject);
        } catch (JacksonException notJson) {
            return Optional.empty();
        }
    }
}
