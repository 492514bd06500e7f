package dev.espalier.schema.model;

import java.util.Map;
import java.util.Set;

/**
 * Which type's values PostgreSQL turns into which other's.
 *
 * @param onAssignment source and target type, and whether the cast happens by itself on assignment (true) or only on
 *     demand (false)
 */
public record Casts(Map<Pair, Boolean> onAssignment) {

    private static final String ARRAY = "[]";
    private static final Set<String> STRINGS = Set.of("text", "character varying", "character", "bpchar", "name");

    /** A cast's source and target, spelled as format_type does without modifiers. */
    public record Pair(String source, String target) {}

    public Casts {
        onAssignment = Map.copyOf(onAssignment);
    }

    /** True for a type that every value can be assigned to by writing it out. */
    public boolean isString(String type) {
        return STRINGS.contains(type);
    }

    /** True if values of one type become the other's without being asked to, though they may be rounded or cut for it. */
    public boolean assignable(String source, String target) {
        return source.equals(target)
                || isString(target)
                || onAssignment.getOrDefault(new Pair(source, target), false)
                || (areArrays(source, target) && assignable(element(source), element(target)));
    }

    /** True if there is a cast at all, or one of the types is a string, which every type can be written as and read from. */
    public boolean castable(String source, String target) {
        return assignable(source, target)
                || isString(source)
                || onAssignment.containsKey(new Pair(source, target))
                || (areArrays(source, target) && castable(element(source), element(target)));
    }

    private static boolean areArrays(String source, String target) {
        return source.endsWith(ARRAY) && target.endsWith(ARRAY);
    }

    private static String element(String array) {
        return array.substring(0, array.length() - ARRAY.length());
    }
}
