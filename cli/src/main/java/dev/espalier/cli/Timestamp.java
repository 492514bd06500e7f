package dev.espalier.cli;

import com.fasterxml.jackson.annotation.JsonValue;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A point in time in RFC 3339, with its offset from UTC: there is no guessing at time zones. */
record Timestamp(Instant instant) {

    static Timestamp parse(String text) {
        try {
            return new Timestamp(OffsetDateTime.parse(text).toInstant());
        } catch (DateTimeException wrong) {
            throw new TypeConversionException(
                    "'" + text + "' is not a time; write it like 2026-11-25T10:00:00Z or 2026-11-25T11:00:00+01:00");
        }
    }

    /** As the API has it, in UTC. */
    @Override
    @JsonValue
    public String toString() {
        return instant.toString();
    }

    /** For options of this type. */
    static final class Converter implements ITypeConverter<Timestamp> {
        @Override
        public Timestamp convert(String text) {
            return parse(text);
        }
    }
}
