package dev.espalier.cli;

import com.fasterxml.jackson.annotation.JsonValue;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A duration as people write it: {@code 90s}, {@code 15m}, {@code 36h}, {@code 3d}, {@code 1h30m}. */
record ShortDuration(Duration duration) {
    private static final Pattern PARTS =
            Pattern.compile("(?:(\\d{1,9})d)?(?:(\\d{1,9})h)?(?:(\\d{1,9})m)?(?:(\\d{1,9})s)?");

    static ShortDuration parse(String text) {
        Matcher parts = PARTS.matcher(text);
        if (text.isEmpty() || !parts.matches()) {
            throw new TypeConversionException("'" + text + "' is not a duration; write it like 90s, 15m, 36h or 3d");
        }
        return new ShortDuration(Duration.ofDays(amount(parts.group(1)))
                .plusHours(amount(parts.group(2)))
                .plusMinutes(amount(parts.group(3)))
                .plusSeconds(amount(parts.group(4))));
    }

    /** As the API has it: {@code 259200s}. */
    @Override
    @JsonValue
    public String toString() {
        return duration.toSeconds() + "s";
    }

    private static long amount(@Nullable String digits) {
        return digits == null ? 0 : Long.parseLong(digits);
    }

    /** For options of this type. */
    static final class Converter implements ITypeConverter<ShortDuration> {
        @Override
        public ShortDuration convert(String text) {
            return parse(text);
        }
    }
}
