package dev.espalier.schema;

import dev.espalier.schema.model.Kind;
import dev.espalier.schema.model.ObjectId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Writes changes for people. */
final class TextReport {

    private static final String INDENT = "    ";
    private static final Set<Kind> WHOLES =
            Set.of(Kind.TABLE, Kind.VIEW, Kind.MATERIALIZED_VIEW, Kind.COMPOSITE, Kind.DOMAIN);

    /** What to say of properties whose usual value is more than none. */
    private static final Map<String, String> USUAL = Map.of(
            "collation", "default",
            "storage", "default",
            "compression", "default",
            "statistics target", "default",
            "access method", "heap",
            "tablespace", "default",
            "replica identity", "default",
            "firing", "enabled",
            "privileges of PUBLIC", "usual",
            "privileges of its owner", "usual");

    private final StringBuilder text = new StringBuilder();
    private final Map<ObjectId, Action> actions = new HashMap<>();

    private TextReport(List<Change> changes) {
        changes.forEach(change -> actions.put(change.object(), change.action()));
    }

    static String of(List<Change> changes) {
        TextReport report = new TextReport(changes);
        changes.forEach(report::add);
        return report.text.toString();
    }

    private void add(Change change) {
        boolean within = isWithinSame(change);
        String name = within ? change.object().nameWithin() : change.identity();
        StringBuilder line = new StringBuilder();
        line.append(change.action().sign())
                .append(' ')
                .append(change.kind())
                .append(' ')
                .append(name);
        List<String> below = new ArrayList<>();
        List<String> told = new ArrayList<>();
        Set<String> properties = new TreeSet<>(change.before().keySet());
        properties.addAll(change.after().keySet());
        for (String property : properties) {
            @Nullable String before = change.before().get(property);
            @Nullable String after = change.after().get(property);
            switch (change.action()) {
                case CHANGED -> told.add(property + changed(property, before, after, below));
                case ADDED -> valueOfNew(property, after).ifPresent(told::add);
                case REMOVED -> {}
            }
        }
        if (!told.isEmpty()) {
            line.append(": ").append(String.join(", ", told));
        }
        write(within ? INDENT : "", line.toString());
        below.forEach(each -> write(within ? INDENT + INDENT : INDENT, each));
        change.warnings().forEach(warning -> write(within ? INDENT + INDENT : INDENT, "! " + warning));
    }

    /** True for a part of something that was added or removed as a whole: it is told below that. */
    private boolean isWithinSame(Change change) {
        return change.object().kind().isPart()
                && change.action() != Action.CHANGED
                && WHOLES.stream()
                        .anyMatch(kind ->
                                change.action() == actions.get(change.object().whole(kind)));
    }

    private static String changed(
            String property, @Nullable String before, @Nullable String after, List<String> below) {
        if (isLong(before) || isLong(after)) {
            below.addAll(LineDiff.between(before == null ? "" : before, after == null ? "" : after));
            return "";
        }
        return " " + shown(property, before, after) + " → " + shown(property, after, before);
    }

    private static boolean isLong(@Nullable String value) {
        return value != null && value.contains("\n");
    }

    private static String shown(String property, @Nullable String value, @Nullable String other) {
        if (value != null) {
            return value.isEmpty() ? "''" : value;
        }
        if ("yes".equals(other)) {
            return "no";
        }
        return "no".equals(other) ? "yes" : USUAL.getOrDefault(property, "none");
    }

    private static Optional<String> valueOfNew(String property, @Nullable String value) {
        if (value == null || property.equals("owner") || isLong(value)) {
            return Optional.empty();
        }
        if (property.equals("definition")) {
            return Optional.of(value);
        }
        return Optional.of(value.equals("yes") ? property : property + " " + value);
    }

    private void write(String indent, String line) {
        text.append(indent).append(Printable.onOneLine(line)).append('\n');
    }
}
