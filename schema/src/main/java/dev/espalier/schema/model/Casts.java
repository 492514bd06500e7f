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

    private static final Set<String> STRINGS = Set.of("text", "character varying", "character", "bpchar", "name");

    /** A cast's source and target, spelled as format_type does without modifiers. */
    public record Pair(String source, String target) {}

    public Casts {
        onAssignment = Map.copyOf(onAssignment);
    }

    /** True if values of one type become the other's without being asked to: an error is raised where one does not fit. */
    public boolean assignable(String source, String target) {
        return source.equals(target)
                || STRINGS.contains(target)
                || onAssignment.getOrDefault(new Pair(source, target), false);
    }

    /** True if there is a cast at all, or one of the types is a string, which every type can be written as and read from. */
    public boolean castable(String source, String target) {
        return assignable(source, target)
                || STRINGS.contains(source)
                || onAssignment.containsKey(new Pair(source, target));
    }
}
