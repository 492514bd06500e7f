package dev.espalier.journal;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.postgresql.PGConnection;

/**
 * Rows on their way into one table, in the binary format of COPY: for tables of which there are so many rows that writing and reading
 * numbers and times as texts would be most of the work. Fields follow each other in the order of the columns.
 *
 * @see <a href="https://www.postgresql.org/docs/current/sql-copy.html">COPY, Binary Format</a>
 */
final class BinaryCopy {

    private static final byte[] SIGNATURE = {'P', 'G', 'C', 'O', 'P', 'Y', '\n', (byte) 0xFF, '\r', '\n', 0};
    private static final int NULL = -1;
    private static final short END = -1;
    private static final byte JSONB_VERSION = 1;

    /** PostgreSQL counts microseconds from here. */
    private static final long EPOCH = Micros.of(Instant.parse("2000-01-01T00:00:00Z"));

    private final String table;
    private final List<String> columns;
    private ByteBuffer rows = ByteBuffer.allocate(1 << 12);

    BinaryCopy(String table, List<String> columns) {
        this.table = table;
        this.columns = columns;
        rows.put(SIGNATURE).putInt(0).putInt(0);
    }

    void row() {
        ensure(Short.BYTES).putShort((short) columns.size());
    }

    void bool(boolean value) {
        field(1).put((byte) (value ? 1 : 0));
    }

    void bigint(long value) {
        field(Long.BYTES).putLong(value);
    }

    void time(Instant value) {
        bigint(Micros.of(value) - EPOCH);
    }

    void uuid(UUID value) {
        field(2 * Long.BYTES).putLong(value.getMostSignificantBits()).putLong(value.getLeastSignificantBits());
    }

    /** An empty text becomes NULL. */
    void text(String value) {
        if (value.isEmpty()) {
            ensure(Integer.BYTES).putInt(NULL);
            return;
        }
        byte[] encoded = Texts.storable(value).getBytes(StandardCharsets.UTF_8);
        field(encoded.length).put(encoded);
    }

    /** An empty text becomes NULL. */
    void jsonb(String value) {
        if (value.isEmpty()) {
            ensure(Integer.BYTES).putInt(NULL);
            return;
        }
        byte[] encoded = value.getBytes(StandardCharsets.UTF_8);
        field(1 + encoded.length).put(JSONB_VERSION).put(encoded);
    }

    private ByteBuffer field(int length) {
        return ensure(Integer.BYTES + length).putInt(length);
    }

    private ByteBuffer ensure(int more) {
        if (rows.remaining() < more) {
            int used = rows.position();
            rows = ByteBuffer.wrap(Arrays.copyOf(rows.array(), Math.max(2 * rows.capacity(), used + more)))
                    .position(used);
        }
        return rows;
    }

    /** To be called once. */
    void send(Connection connection) throws SQLException {
        ensure(Short.BYTES).putShort(END);
        String copy = "COPY journal." + table + " (" + String.join(", ", columns) + ") FROM STDIN (FORMAT binary)";
        try {
            connection
                    .unwrap(PGConnection.class)
                    .getCopyAPI()
                    .copyIn(copy, new ByteArrayInputStream(rows.array(), 0, rows.position()));
        } catch (IOException e) {
            throw new SQLException("cannot send rows to journal." + table, e);
        }
    }
}
