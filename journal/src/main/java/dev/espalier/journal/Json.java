package dev.espalier.journal;

import java.util.Map;
import java.util.TreeMap;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** Maps of texts as JSON, with their keys in order, so that equal maps give equal texts. */
final class Json {

    private static final JsonMapper MAPPER = JsonMapper.builder().build();
    private static final TypeReference<TreeMap<String, String>> TEXTS = new TypeReference<>() {};

    private Json() {}

    static String write(Map<String, String> texts) {
        if (texts.isEmpty()) {
            return "{}";
        }
        TreeMap<String, String> inOrder = new TreeMap<>();
        texts.forEach((key, value) -> inOrder.put(Texts.storable(key), Texts.storable(value)));
        return MAPPER.writeValueAsString(inOrder);
    }

    static Map<String, String> read(String json) {
        return MAPPER.readValue(json, TEXTS);
    }

    /** The text that {@link #write} would give; the JSON itself where it is no map of texts. */
    static String canonical(String json) {
        try {
            String canonical = write(read(json));
            // Jackson takes numbers for texts; PostgreSQL does not.
            return MAPPER.readTree(json).equals(MAPPER.readTree(canonical)) ? canonical : json;
        } catch (JacksonException notTexts) {
            return json;
        }
    }
}
