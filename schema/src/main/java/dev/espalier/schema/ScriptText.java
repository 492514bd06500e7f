package dev.espalier.schema;

import dev.espalier.schema.model.ObjectId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Writes statements as a script. A change's warnings are comments before its first statement, and at the head of the
 * script where it has none. What is not run in the database itself is a comment too.
 */
final class ScriptText {

    private final StringBuilder text = new StringBuilder();

    private ScriptText() {}

    static String of(List<Change> changes, List<Statement> statements) {
        ScriptText script = new ScriptText();
        Map<ObjectId, Change> untold =
                new HashMap<>(changes.stream().collect(Collectors.toMap(Change::object, change -> change)));
        changes.stream().filter(change -> change.ddl().isEmpty()).forEach(script::warn);
        for (Statement statement : statements) {
            Optional<Change> first = statement.toldWith().map(untold::remove).filter(Objects::nonNull);
            first.ifPresent(script::warn);
            script.text
                    .append(statement.elsewhere() ? "-- " + Printable.onOneLine(statement.sql()) : statement.sql())
                    .append(";\n");
        }
        return script.text.toString();
    }

    private void warn(Change change) {
        for (String warning : change.warnings()) {
            text.append("-- ! ")
                    .append(Printable.onOneLine(change.kind() + " " + change.identity() + ": " + warning))
                    .append('\n');
        }
    }
}
