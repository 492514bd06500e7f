package dev.espalier.schema.ddl;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Storage parameters: {@code fillfactor=70, toast.autovacuum_enabled=false}. */
final class Options {

    private Options() {}

    /** The WITH clause for these options with a space before it, or nothing. */
    static String with(Optional<String> options) {
        return options.map(o -> " WITH (" + clause(parse(o)) + ")").orElse("");
    }

    /** SET and RESET actions that turn one list of options into the other. */
    static List<String> changes(Optional<String> from, Optional<String> to) {
        Map<String, String> before = parse(from.orElse(""));
        Map<String, String> after = parse(to.orElse(""));
        List<String> actions = new ArrayList<>();
        Map<String, String> gone = new LinkedHashMap<>(before);
        gone.keySet().removeAll(after.keySet());
        if (!gone.isEmpty()) {
            actions.add("RESET (" + String.join(", ", gone.keySet()) + ")");
        }
        Map<String, String> set = new LinkedHashMap<>(after);
        set.entrySet().removeAll(before.entrySet());
        if (!set.isEmpty()) {
            actions.add("SET (" + clause(set) + ")");
        }
        return actions;
    }

    private static Map<String, String> parse(String options) {
        Map<String, String> parsed = new LinkedHashMap<>();
        for (String option : options.split(", ")) {
            int equals = option.indexOf('=');
            if (equals > 0) {
                parsed.put(option.substring(0, equals), option.substring(equals + 1));
            }
        }
        return parsed;
    }

    private static String clause(Map<String, String> options) {
        return options.entrySet().stream()
                .map(o -> o.getKey() + "='" + o.getValue() + "'")
                .collect(Collectors.joining(", "));
    }
}
