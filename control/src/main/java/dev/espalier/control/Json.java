package dev.espalier.control;

import dev.espalier.control.request.Tag;
import java.util.List;
import java.util.Map;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** Values of the control database that have an inner structure, as JSON text. */
final class Json {

    private static final JsonMapper MAPPER = JsonMapper.builder().build();
    private static final TypeReference<Map<String, String>> SETTINGS = new TypeReference<>() {};
    private static final TypeReference<List<Tag>> TAGS = new TypeReference<>() {};

    private static final TypeReference<List<String>> TEXTS = new TypeReference<>() {};

    private Json() {}

    static String write(Object value) {
        return MAPPER.writeValueAsString(value);
    }

    static <T> T read(String json, Class<T> type) {
        return MAPPER.readValue(json, type);
    }

    static Map<String, String> settings(String json) {
        return MAPPER.readValue(json, SETTINGS);
    }

    static List<Tag> tags(String json) {
        return MAPPER.readValue(json, TAGS);
    }

    static List<String> texts(String json) {
        return MAPPER.readValue(json, TEXTS);
    }
}
