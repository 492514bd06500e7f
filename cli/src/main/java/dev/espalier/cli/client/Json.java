package dev.espalier.cli.client;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** JSON as trees: the command shows what the API says and needs no types of its own for it. */
public final class Json {
    private static final JsonMapper MAPPER = new JsonMapper();

    private Json() {}

    /** @throws tools.jackson.core.JacksonException when {@code text} is not JSON */
    public static JsonNode parse(String text) {
        return MAPPER.readTree(text);
    }

    public static ObjectNode object() {
        return MAPPER.createObjectNode();
    }

    public static ArrayNode array() {
        return MAPPER.createArrayNode();
    }

    /** A string, number, boolean, list or map as a tree. */
    public static JsonNode of(Object value) {
        return MAPPER.valueToTree(value);
    }
}
