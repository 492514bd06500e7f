package dev.espalier.server.door;

import dev.espalier.sql.Relation;
import dev.espalier.sql.Statement;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.TreeMap;

/**
 * Other schemas for names in a text, where the grammar says that the names stand. A name that is written in a way that is not
 * understood here (with Unicode escapes, or a comment in it) stays as it is, and the server refuses it.
 */
final class TextEdits {

    private record Edit(int end, String text) {}

    private final byte[] sql;

    /** By where they begin. */
    private final TreeMap<Integer, Edit> edits = new TreeMap<>();

    TextEdits(byte[] sql) {
        this.sql = sql;
    }

    boolean isEmpty() {
        return edits.isEmpty();
    }

    /** Puts the schema in the place of the one that is written at the relation's offset, or before a name without one. */
    void inSchema(Relation relation, String schema) {
        String quoted = '"' + schema.replace("\"", "\"\"") + '"';
        int start = relation.offset();
        if (relation.schema().isEmpty()) {
            edits.put(start, new Edit(start, quoted + '.'));
            return;
        }
        if (!relation.catalog().isEmpty()) {
            start = afterDot(nameEnd(start));
        }
        int end = nameEnd(start);
        if (end > start && afterDot(end) > end) {
            edits.put(start, new Edit(end, quoted));
        }
    }

    /** Puts another text in the place of a statement. */
    void instead(Statement statement, String text) {
        edits.put(statement.start(), new Edit(statement.end(), text));
    }

    /** The text with all edits. */
    String text() {
        ByteArrayOutputStream out = new ByteArrayOutputStream(sql.length + 64);
        int[] copied = {0};
        edits.forEach((start, edit) -> {
            out.write(sql, copied[0], start - copied[0]);
            out.writeBytes(edit.text().getBytes(StandardCharsets.UTF_8));
            copied[0] = edit.end();
        });
        out.write(sql, copied[0], sql.length - copied[0]);
        return out.toString(StandardCharsets.UTF_8);
    }

    /** Behind the name that begins here; here, if none does. */
    private int nameEnd(int start) {
        int at = start;
        if (at < sql.length && sql[at] == '"') {
            at++;
            while (at < sql.length) {
                if (sql[at] != '"') {
                    at++;
                } else if (at + 1 < sql.length && sql[at + 1] == '"') {
                    at += 2;
                } else {
                    return at + 1;
                }
            }
            return start;
        }
        while (at < sql.length && isWordPart(sql[at])) {
            at++;
        }
        return at;
    }

    /** Behind the dot that follows; here, if none does. */
    private int afterDot(int end) {
        int at = skipBlanks(end);
        return at < sql.length && sql[at] == '.' ? skipBlanks(at + 1) : end;
    }

    private int skipBlanks(int from) {
        int at = from;
        while (at < sql.length && (sql[at] == ' ' || (sql[at] >= '\t' && sql[at] <= '\r'))) {
            at++;
        }
        return at;
    }

    private static boolean isWordPart(byte b) {
        return (b >= 'a' && b <= 'z')
                || (b >= 'A' && b <= 'Z')
                || (b >= '0' && b <= '9')
                || b == '_'
                || b == '$'
                || b < 0;
    }
}
