package dev.espalier.cli.output;

import static java.util.stream.Collectors.joining;

import dev.espalier.cli.client.ResourceNames;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import tools.jackson.databind.JsonNode;

/** How a JSON value reads in a table. What is absent is an empty cell. */
@FunctionalInterface
interface Cell {
    /** Most characters of a long text. */
    int LONGEST = 100;

    String of(JsonNode value);

    /** As it is; the elements of an array with commas between, the fields of an object as {@code name=value}. */
    static String plain(JsonNode value) {
        if (value.isArray()) {
            return value.valueStream().map(Cell::plain).collect(joining(", "));
        }
        if (value.isObject()) {
            return value.propertyStream()
                    .map(field -> field.getKey() + "=" + plain(field.getValue()))
                    .collect(joining(" "));
        }
        return value.asString("");
    }

    /** The beginning of a long text, on one line. */
    static String beginning(JsonNode value) {
        String line = plain(value).replaceAll("\\s+", " ").strip();
        return line.length() <= LONGEST ? line : line.substring(0, LONGEST - 1) + "…";
    }

    /** The names of those that are referred to. */
    static String displays(JsonNode value) {
        return value.valueStream()
                .map(reference -> reference.path("display").asString(""))
                .collect(joining(", "));
    }

    /** The elements' names. */
    static String names(JsonNode value) {
        return value.valueStream()
                .map(element -> element.path("name").asString(""))
                .collect(joining(", "));
    }

    /** The elements' types. */
    static String types(JsonNode value) {
        return value.valueStream()
                .map(element -> element.path("type_text").asString(""))
                .collect(joining(", "));
    }

    /** Privileges, each with what it comes from. */
    static String inherited(JsonNode value) {
        return value.valueStream()
                .map(element -> element.path("privilege").asString("")
                        + (element.has("inherited_from_name")
                                ? " (" + element.path("inherited_from_name").asString("") + ")"
                                : ""))
                .collect(joining(", "));
    }

    /** The last part of a resource name. */
    static String shortName(JsonNode value) {
        return ResourceNames.shortName(plain(value));
    }

    /** The project of a resource name. */
    static String project(JsonNode value) {
        return plain(value).replaceFirst("^projects/([^/]*).*$", "$1");
    }

    /** {@code yes} or nothing. */
    static String yes(JsonNode value) {
        return value.asBoolean(false) || "true".equals(value.asString("")) ? "yes" : "";
    }

    /** An enum's constant without the prefix that all constants of the enum share. */
    static Cell withoutPrefix(String prefix) {
        return value -> plain(value).replaceFirst("^" + prefix, "");
    }

    /** An instant to the second. */
    static String time(JsonNode value) {
        String text = plain(value);
        try {
            return text.isEmpty()
                    ? ""
                    : DateTimeFormatter.ISO_INSTANT.format(Instant.parse(text).truncatedTo(ChronoUnit.SECONDS));
        } catch (DateTimeParseException other) {
            return text;
        }
    }

    /** Bytes in the unit that leaves one to four digits before the point. The API may send them as a number or a string. */
    static String bytes(JsonNode value) {
        String text = plain(value);
        return text.matches("\\d{1,18}") ? bytes(Long.parseLong(text)) : text;
    }

    private static String bytes(long bytes) {
        String[] units = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
        int unit = 0;
        double amount = bytes;
        while (amount >= 1024 && unit < units.length - 1) {
            amount /= 1024;
            unit++;
        }
        return unit == 0 ? bytes + " B" : String.format(Locale.ROOT, "%.1f %s", amount, units[unit]);
    }

    /** {@code "5400s"} or {@code 5400} as {@code 1h30m}. */
    static String duration(JsonNode value) {
        String text = plain(value).replaceFirst("s$", "");
        if (!text.matches("\\d{1,12}")) {
            return plain(value);
        }
        Duration duration = Duration.ofSeconds(Long.parseLong(text));
        String all = part(duration.toDaysPart(), "d")
                + part(duration.toHoursPart(), "h")
                + part(duration.toMinutesPart(), "m")
                + part(duration.toSecondsPart(), "s");
        return all.isEmpty() ? "0s" : all;
    }

    private static String part(long amount, String unit) {
        return amount == 0 ? "" : amount + unit;
    }
}
