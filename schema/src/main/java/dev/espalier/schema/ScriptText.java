package dev.espalier.schema;

import dev.espalier.schema.ddl.Script.Where;
import dev.espalier.schema.model.ObjectId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * Writes statements as a script, all in one transaction that can be. A change's warnings are comments before its first
 * statement, and at the head of the script where it has none. What is not run in the database itself is a comment too.
 */
final class ScriptText {

    private final StringBuilder text = new StringBuilder();
    private final Map<ObjectId, Change> untold;

    private ScriptText(List<Change> changes) {
        untold = new HashMap<>(changes.stream().collect(Collectors.toMap(Change::object, change -> change)));
        changes.stream().filter(change -> change.ddl().isEmpty()).forEach(this::warn);
    }

    static String of(List<Change> changes, List<Statement> statements) {
        ScriptText script = new ScriptText(changes);
        Map<Where, List<Statement>> parts = statements.stream().collect(Collectors.groupingBy(Statement::where));
        parts.getOrDefault(Where.ELSEWHERE, List.of()).forEach(script::add);
        parts.getOrDefault(Where.BEFOREHAND, List.of()).forEach(script::add);
        List<Statement> together = parts.getOrDefault(Where.TOGETHER, List.of());
        if (!together.isEmpty()) {
            // Bodies may speak of what is made only later.
            script.text.append("BEGIN;\nSET LOCAL check_function_bodies = off;\n");
            together.forEach(script::add);
            script.text.append("COMMIT;\n");
        }
        return script.text.toString();
    }

    private void add(Statement statement) {
        statement.toldWith().map(untold::remove).filter(Objects::nonNull).ifPresent(this::warn);
        text.append(
                        statement.where() == Where.ELSEWHERE
                                ? "-- " + Printable.onOneLine(statement.sql())
                                : statement.sql())
                .append(";\n");
    }

    private void warn(Change change) {
        for (String warning : change.warnings()) {
            text.append("-- ! ")
                    .append(Printable.onOneLine(change.kind() + " " + change.identity() + ": " + warning))
                    .append('\n');
        }
    }
}
