package dev.espalier.control.metastore;

import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The tags of a thing that has several names. Where these give a key different values, there is a reading for each name, and a
 * condition holds if it holds by any of them: policies only take away, so this is the stricter side.
 */
public final class Readings {

    private Readings() {}

    /**
     * One for each name at most: its tags, and what the other names add.
     *
     * @param byName tags by each of the names
     * @return one at least
     */
    public static List<Map<String, String>> of(List<Map<String, String>> byName) {
        Set<Map<String, String>> readings = new LinkedHashSet<>();
        for (Map<String, String> tags : byName) {
            Map<String, String> reading = new HashMap<>(tags);
            byName.forEach(others -> others.forEach(reading::putIfAbsent));
            readings.add(reading);
        }
        return readings.isEmpty() ? List.of(Map.of()) : List.copyOf(readings);
    }

    /** With what is inherited, where the thing's own do not say otherwise. */
    public static List<Map<String, String>> inheriting(
            List<Map<String, String>> own, List<Map<String, String>> inherited) {
        Set<Map<String, String>> readings = new LinkedHashSet<>();
        for (Map<String, String> above : inherited) {
            for (Map<String, String> nearer : own) {
                Map<String, String> reading = new HashMap<>(above);
                reading.putAll(nearer);
                readings.add(reading);
            }
        }
        return List.copyOf(readings);
    }

    /** Whether the condition holds by any of them. */
    public static boolean hold(Condition condition, List<Map<String, String>> readings) {
        return readings.stream().anyMatch(condition::holds);
    }
}
