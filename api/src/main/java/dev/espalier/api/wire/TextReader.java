package dev.espalier.api.wire;

import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.deser.std.StdScalarDeserializer;

/** Reads text from text only, and none that PostgreSQL cannot hold. */
final class TextReader extends StdScalarDeserializer<String> {

    TextReader() {
        super(String.class);
    }

    @Override
    public String deserialize(JsonParser json, DeserializationContext context) {
        if (!json.hasToken(JsonToken.VALUE_STRING)) {
            return (String) context.handleUnexpectedToken(context.constructType(String.class), json);
        }
        String text = json.getString();
        if (text.indexOf('\0') >= 0) {
            throw context.weirdStringException(text, String.class, "null character");
        }
        return text;
    }
}
