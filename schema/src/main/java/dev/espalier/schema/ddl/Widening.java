package dev.espalier.schema.ddl;

import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which types hold every value of which others. PostgreSQL rounds and cuts without a word where a value is assigned to a
 * type that holds less of it (numeric to fewer digits, timestamp to date, text to name), so only what is listed here
 * passes: PostgreSQL's documentation, chapter "Data Types", has the ranges.
 */
final class Widening {

    /** The types, apart from text, that hold every value of these without looking at modifiers. */
    private static final Map<String, Set<String>> WIDER = Map.of(
            "integer", Set.of("smallint"),
            "bigint", Set.of("smallint", "integer"),
            "real", Set.of("smallint"),
            "double precision", Set.of("smallint", "integer", "real"),
            "timestamp without time zone", Set.of("date"),
            "inet", Set.of("cidr"),
            "json", Set.of("jsonb"));

    /** Decimal digits before the point. */
    private static final Map<String, Integer> DIGITS = Map.of("smallint", 5, "integer", 10, "bigint", 19);

    private static final Set<String> SIZED = Set.of("character varying", "character", "bit varying");

    /** To other strings these lose the blanks that they are padded with. */
    private static final Set<String> PADDED = Set.of("character", "bpchar");

    private static final String ZONED = " with time zone";

    private Widening() {}

    /**
     * True if every value of the one type is the same value of the other, or makes the change fail where it is none.
     *
     * @param from spelled as format_type does, with modifiers
     * @param to spelled the same
     */
    static boolean keepsEveryValue(String from, String to) {
        if (from.equals(to)) {
            return true;
        }
        Type source = Type.of(from);
        Type target = Type.of(to);
        // What every type can be written as: a dump relies on it too.
        if (target.isUnlimitedText() && target.array().isEmpty()) {
            return !PADDED.contains(source.name());
        }
        return source.array().equals(target.array()) && holds(target, source);
    }

    /** True if what a value becomes depends on the time zone of the session. */
    static boolean dependsOnTimeZone(String from, String to) {
        String source = Type.of(from).name();
        String target = Type.of(to).name();
        return source.endsWith(ZONED) != target.endsWith(ZONED) && isTime(source) && isTime(target);
    }

    private static boolean holds(Type target, Type source) {
        if (target.isUnlimitedText()) {
            return !PADDED.contains(source.name());
        }
        if (target.name().equals("numeric")) {
            return holdsNumber(target, source);
        }
        if (target.name().equals("interval") && source.name().startsWith("interval")) {
            return source.precision() <= target.precision();
        }
        if (!target.name().equals(source.name())) {
            return WIDER.getOrDefault(target.name(), Set.of()).contains(source.name());
        }
        return SIZED.contains(target.name())
                ? source.size() <= target.size()
                : isTime(target.name()) && source.precision() <= target.precision();
    }

    private static boolean holdsNumber(Type target, Type source) {
        Integer whole = source.name().equals("numeric") && !source.isUnlimited()
                ? Integer.valueOf(source.size() - source.scale())
                : DIGITS.get(source.name());
        if (target.isUnlimited()) {
            return whole != null;
        }
        return whole != null && whole <= target.size() - target.scale() && source.scale() <= target.scale();
    }

    private static boolean isTime(String name) {
        return name.equals("date") || name.startsWith("time") || name.startsWith("interval");
    }

    /**
     * @param name without modifiers
     * @param modifiers as they are written between the parentheses; empty if there are none
     * @param array {@code []} for an array
     */
    private record Type(String name, String modifiers, String array) {

        private static final Pattern SPELLING =
                Pattern.compile("([^(\"\\[]+)(?:\\(([-\\d,]+)\\))?([^(\"\\[]*)((?:\\[])?)");

        static Type of(String spelled) {
            Matcher parts = SPELLING.matcher(spelled);
            return parts.matches()
                    ? new Type(
                            parts.group(1) + parts.group(3),
                            parts.group(2) == null ? "" : parts.group(2),
                            parts.group(4))
                    : new Type(spelled, "", "");
        }

        boolean isUnlimited() {
            return modifiers.isEmpty();
        }

        boolean isUnlimitedText() {
            return name.equals("text") || (name.equals("character varying") && isUnlimited());
        }

        /** Characters, bits or decimal digits. */
        int size() {
            return isUnlimited()
                    ? Integer.MAX_VALUE
                    : Integer.parseInt(modifiers.split(",")[0]);
        }

        /** Digits after the point. */
        int scale() {
            return modifiers.contains(",") ? Integer.parseInt(modifiers.split(",")[1]) : 0;
        }

        /** Digits of a second. */
        int precision() {
            return isUnlimited() ? 6 : size();
        }
    }
}
