package dev.espalier.server.door;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The schemas of a setting search_path, in their order.
 *
 * @param schemas as PostgreSQL would look them up; {@code $user} for the user's own
 */
record SearchPath(List<String> schemas) {

    private static final String USER = "$user";

    private static final Pattern NAME = Pattern.compile("\\s*(?:\"((?:[^\"]|\"\")*)\"|([^\\s,\"][^\\s,]*))\\s*(,|$)");

    SearchPath {
        schemas = List.copyOf(schemas);
    }

    /** @return empty if PostgreSQL would refuse it (SplitIdentifierString) */
    static Optional<SearchPath> of(String setting) {
        List<String> schemas = new ArrayList<>();
        Matcher name = NAME.matcher(setting);
        int at = 0;
        boolean more = !setting.isBlank();
        while (more) {
            if (!name.find(at) || name.start() != at) {
                return Optional.empty();
            }
            schemas.add(name.group(1) != null ? name.group(1).replace("\"\"", "\"") : folded(name.group(2)));
            more = !name.group(3).isEmpty();
            at = name.end();
        }
        return Optional.of(new SearchPath(schemas));
    }

    /** As PostgreSQL folds names in UTF-8: no letters but ASCII. */
    private static String folded(String name) {
        return name.chars()
                .map(letter -> letter >= 'A' && letter <= 'Z' ? letter + ('a' - 'A') : letter)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    /**
     * The path that finds views before the tables that they stand for.
     *
     * @param role whose own schema {@code $user} is
     * @param viewSchema where the views of a schema's tables lie, or will
     */
    SearchPath withViews(String role, Function<String, Optional<String>> viewSchema) {
        List<String> all = new ArrayList<>();
        for (String schema : schemas) {
            viewSchema
                    .apply(schema.equals(USER) ? role : schema)
                    .filter(views -> !schemas.contains(views))
                    .ifPresent(all::add);
            all.add(schema);
        }
        return new SearchPath(all);
    }

    /** As SET takes it, and the setting itself where no schema's name is empty. */
    String text() {
        return schemas.stream()
                .map(schema -> schema.isEmpty() ? "''" : '"' + schema.replace("\"", "\"\"") + '"')
                .collect(Collectors.joining(", "));
    }
}
