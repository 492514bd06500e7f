package dev.espalier.server;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** What {@link Doctor} has found, for people and for programs. */
final class Findings {

    private static final JsonMapper JSON = new JsonMapper();

    /** How it is with something. */
    enum Mark {
        GOOD,
        /** Works, and could be better. */
        NOTE,
        /** Keeps Espalier from running. */
        BAD;

        String lower() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * One thing that was looked at.
     *
     * @param text what was found, and for all but the good what to do
     */
    record Finding(Mark mark, String subject, String text) {}

    private final List<Finding> found = new ArrayList<>();

    void good(String subject, String text) {
        found.add(new Finding(Mark.GOOD, subject, text));
    }

    void note(String subject, String text) {
        found.add(new Finding(Mark.NOTE, subject, text));
    }

    void bad(String subject, String text) {
        found.add(new Finding(Mark.BAD, subject, text));
    }

    List<Finding> all() {
        return List.copyOf(found);
    }

    boolean canRun() {
        return found.stream().noneMatch(finding -> finding.mark() == Mark.BAD);
    }

    String text() {
        String lines = found.stream()
                .map(finding ->
                        "%-4s    %-26s %s%n".formatted(finding.mark().lower(), finding.subject(), finding.text()))
                .collect(Collectors.joining());
        return lines
                + (canRun()
                        ? "Espalier can run.\n"
                        : "Espalier cannot run until what is marked \"bad\" is repaired.\n");
    }

    String json() {
        ObjectNode all = JSON.createObjectNode();
        all.put("can_run", canRun());
        for (Finding finding : found) {
            all.withArray("findings")
                    .addObject()
                    .put("mark", finding.mark().lower())
                    .put("subject", finding.subject())
                    .put("finding", finding.text());
        }
        return all + "\n";
    }
}
