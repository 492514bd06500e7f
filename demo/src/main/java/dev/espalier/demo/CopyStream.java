package dev.espalier.demo;

import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.postgresql.copy.CopyIn;

/** Writes rows in the text format of PostgreSQL's COPY, a chunk at a time. */
final class CopyStream {

    private static final int CHUNK_CHARS = 64 * 1024;

    private final CopyIn copy;
    private final StringBuilder chunk = new StringBuilder(2 * CHUNK_CHARS);

    CopyStream(CopyIn copy) {
        this.copy = copy;
    }

    /** Adds a row: a value for each column of the COPY, null for NULL. */
    void row(@Nullable String... values) throws SQLException {
        char separator = 0;
        for (String value : values) {
            if (separator != 0) {
                chunk.append(separator);
            }
            separator = '\t';
            if (value == null) {
                chunk.append("\\N");
            } else {
                escape(value);
            }
        }
        chunk.append('\n');
        if (chunk.length() >= CHUNK_CHARS) {
            flush();
        }
    }

    /** Hands over what is still here. */
    void flush() throws SQLException {
        byte[] bytes = chunk.toString().getBytes(StandardCharsets.UTF_8);
        copy.writeToCopy(bytes, 0, bytes.length);
        chunk.setLength(0);
    }

    private void escape(String value) {
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            switch (c) {
                case '\\' -> chunk.append("\\\\");
                case '\n' -> chunk.append("\\n");
                case '\r' -> chunk.append("\\r");
                case '\t' -> chunk.append("\\t");
                default -> chunk.append(c);
            }
        }
    }
}
