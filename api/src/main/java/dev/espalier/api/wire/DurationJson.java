package dev.espalier.api.wire;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.regex.Pattern;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.deser.std.StdScalarDeserializer;
import tools.jackson.databind.ser.std.StdScalarSerializer;

/** Durations as Protocol Buffers write them in JSON: seconds with up to nine decimal places and an {@code s}. */
final class DurationJson {

    private static final Pattern SECONDS = Pattern.compile("-?[0-9]{1,12}(\\.[0-9]{1,9})?s");

    private DurationJson() {}

    static final class Writer extends StdScalarSerializer<Duration> {

        Writer() {
            super(Duration.class);
        }

        @Override
        public void serialize(Duration value, JsonGenerator json, SerializationContext context) {
            BigDecimal seconds = BigDecimal.valueOf(value.getSeconds()).add(BigDecimal.valueOf(value.getNano(), 9));
            json.writeString(
                    (seconds.signum() == 0 ? "0" : seconds.stripTrailingZeros().toPlainString()) + "s");
        }
    }

    static final class Reader extends StdScalarDeserializer<Duration> {

        Reader() {
            super(Duration.class);
        }

        @Override
        public Duration deserialize(JsonParser json, DeserializationContext context) {
            String text = json.hasToken(JsonToken.VALUE_STRING) ? json.getString() : "";
            if (!SECONDS.matcher(text).matches()) {
                throw context.weirdStringException(text, Duration.class, "not a duration");
            }
            BigDecimal seconds = new BigDecimal(text.substring(0, text.length() - 1));
            return Duration.ofNanos(0)
                    .plusSeconds(seconds.longValue())
                    .plusNanos(
                            seconds.remainder(BigDecimal.ONE).movePointRight(9).longValueExact());
        }
    }
}
