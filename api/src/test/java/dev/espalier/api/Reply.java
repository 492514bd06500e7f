package dev.espalier.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** An answer as a client sees it. */
record Reply(int status, Map<String, List<String>> headers, String text) {

    JsonNode json() {
        return Json.tree(text);
    }

    String header(String name) {
        return String.join(", ", headers.getOrDefault(name, List.of()));
    }

    /** The body of a success. */
    JsonNode ok() {
        assertThat(status).as(text).isEqualTo(200);
        return json();
    }

    /** Whether it is of an operation that is not done yet. */
    boolean isUnderWay() {
        if (status != 200 || !text.startsWith("{") || !text.contains("/operations/")) {
            return false;
        }
        JsonNode body = json();
        return body.path("name").asString("").contains("/operations/")
                && !body.path("done").asBoolean(true);
    }

    /** The resource that a finished operation was about. */
    JsonNode done() {
        JsonNode operation = ok();
        assertThat(operation.get("done").asBoolean()).as(text).isTrue();
        assertThat(operation.has("error")).as(text).isFalse();
        return operation.get("response");
    }

    /** Checks the shape that every refusal has. */
    void assertRefused(int expectedStatus, String code, String reason) {
        assertThat(status).as(text).isEqualTo(expectedStatus);
        assertThat(header("content-type")).startsWith("application/json");
        JsonNode body = json();
        assertThat(body.get("error_code").asString()).isEqualTo(code);
        assertThat(body.get("message").asString()).isNotBlank();
        JsonNode info = body.get("details").get(0);
        assertThat(info.get("@type").asString()).isEqualTo("type.googleapis.com/google.rpc.ErrorInfo");
        assertThat(info.get("reason").asString()).isEqualTo(reason);
        assertThat(info.get("domain").asString()).isEqualTo("espalier.dev");
        assertThat(info.get("metadata").isObject()).isTrue();
        JsonNode request = body.get("details").get(1);
        assertThat(request.get("@type").asString()).isEqualTo("type.googleapis.com/google.rpc.RequestInfo");
        assertThat(request.get("request_id").asString()).isEqualTo(header("x-request-id"));
    }
}
