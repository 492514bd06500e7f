package dev.espalier.postgres;

/**
 * A position in the write-ahead log: a byte address, written as PostgreSQL writes it ({@code 0/1698A48}).
 *
 * @param value unsigned 64-bit address
 */
public record Lsn(long value) implements Comparable<Lsn> {

    /** @throws IllegalArgumentException if the text is not two hexadecimal numbers of at most 8 digits with a slash between */
    public static Lsn parse(String text) {
        if (!text.matches("[0-9A-Fa-f]{1,8}/[0-9A-Fa-f]{1,8}")) {
            throw new IllegalArgumentException("\"" + text
                    + "\" is not a log sequence number. Write it as PostgreSQL does, for instance 0/1698A48.");
        }
        int slash = text.indexOf('/');
        return new Lsn((Long.parseLong(text, 0, slash, 16) << 32) | Long.parseLong(text, slash + 1, text.length(), 16));
    }

    /** Bytes of log from {@code earlier} to here; negative when it is later. */
    public long minus(Lsn earlier) {
        return value - earlier.value;
    }

    public Lsn plus(long bytes) {
        return new Lsn(value + bytes);
    }

    @Override
    public int compareTo(Lsn other) {
        return Long.compareUnsigned(value, other.value);
    }

    @Override
    public String toString() {
        return Long.toHexString(value >>> 32).toUpperCase(java.util.Locale.ROOT) + "/"
                + Long.toHexString(value & 0xFFFFFFFFL).toUpperCase(java.util.Locale.ROOT);
    }
}
