package dev.espalier.api.wire;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.deser.std.StdScalarDeserializer;

/** Reads times as RFC 3339 writes them, in any zone, to the microseconds that are kept. Numbers are not taken: nobody could say in which unit. */
final class TimeReader extends StdScalarDeserializer<Instant> {

    TimeReader() {
        super(Instant.class);
    }

    @Override
    public Instant deserialize(JsonParser json, DeserializationContext context) {
        String text = json.hasToken(JsonToken.VALUE_STRING) ? json.getString() : "";
        try {
            return OffsetDateTime.parse(text).toInstant().truncatedTo(ChronoUnit.MICROS);
        } catch (DateTimeException e) {
            throw context.weirdStringException(text, Instant.class, e.getMessage());
        }
    }
}
