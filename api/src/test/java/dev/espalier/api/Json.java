package dev.espalier.api;

import dev.espalier.api.wire.Wire;
import java.nio.charset.StandardCharsets;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** JSON of tests: read and written as a client sees it. */
public final class Json {

    private static final JsonMapper MAPPER = new JsonMapper();

    private Json() {}

    /** What a request of this body is read as. */
    public static <T> T request(String body, Class<T> type) {
        return Wire.read(body.getBytes(StandardCharsets.UTF_8), type);
    }

    /** How an answer looks. */
    public static JsonNode answer(Object value) {
        return MAPPER.readTree(Wire.write(value));
    }

    public static JsonNode tree(String json) {
        return MAPPER.readTree(json);
    }
}
