package dev.espalier.journal;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

/** Rows on their way into one table, in the text format of COPY. */
final class CopyRows {

    private final String table;
    private final List<String> columns;
    private final StringBuilder text = new StringBuilder();

    CopyRows(String table, List<String> columns) {
        this.table = table;
        this.columns = columns;
    }

    void add(List<@Nullable String> values) {
        for (int i = 0; i < values.size(); i++) {
            text.append(i == 0 ? "" : "\t");
            escape(values.get(i));
        }
        text.append('\n');
    }

    private void escape(@Nullable String value) {
        if (value == null) {
            text.append("\\N");
            return;
        }
        int copied = 0;
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            // Most values are copied as a whole.
            if (c == '\\' || c == '\t' || c == '\n' || c == '\r') {
                text.append(value, copied, i).append('\\');
                text.append(c == '\t' ? 't' : c == '\n' ? 'n' : c == '\r' ? 'r' : c);
                copied = i + 1;
            }
        }
        text.append(value, copied, value.length());
    }

    void send(Connection connection) throws SQLException {
        if (text.isEmpty()) {
            return;
        }
        String copy = "COPY journal." + table + " (" + String.join(", ", columns) + ") FROM STDIN (ENCODING 'UTF8')";
        try {
            connection
                    .unwrap(PGConnection.class)
                    .getCopyAPI()
                    .copyIn(copy, new ByteArrayInputStream(text.toString().getBytes(StandardCharsets.UTF_8)));
        } catch (IOException e) {
            throw new SQLException("cannot send rows to journal." + table, e);
        }
    }
}
