package dev.espalier.sql;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Reads the parser's output: JSON in which {"SelectStmt": {…}} is a node and {"relname": "t"} a field. */
final class SyntaxTree {

    /** Expressions nest; the parser's own stack ends long before this. */
    private static final int DEEPEST = 1_000_000;

    private static final JsonMapper JSON = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(DEEPEST)
                            .maxStringLength(Integer.MAX_VALUE)
                            .build())
                    .build())
            .build();

    private SyntaxTree() {}

    static List<Statement> statements(byte[] tree, byte[] text) {
        List<Statement> statements = new ArrayList<>();
        for (JsonNode raw : JSON.readTree(tree).path("stmts")) {
            int start = raw.path("stmt_location").asInt(0);
            int length = raw.path("stmt_len").asInt(0);
            int end = length == 0 ? text.length : start + length;
            while (start < end && isSpace(text[start])) {
                start++;
            }
            Map.Entry<String, JsonNode> node =
                    raw.path("stmt").properties().iterator().next();
            statements.add(new TreeWalk(node.getKey(), node.getValue()).statement(start, end));
        }
        return List.copyOf(statements);
    }

    private static boolean isSpace(byte character) {
        return character == ' ' || (character >= '\t' && character <= '\r');
    }
}
