package dev.espalier.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.Set;

/**
 * The fields of an ErrorResponse that a record keeps.
 *
 * @param fatal whether the session ends with it
 * @param message as PostgreSQL words it
 */
record ServerError(boolean fatal, String sqlState, String message) {

    /** In the place of a message that may quote what is masked. */
    static final String WITHHELD =
            "PostgreSQL does not take a value; its message is withheld, because it may quote what is masked for you";

    private static final String DATA_EXCEPTION = "22";

    /** Of these PostgreSQL's messages quote nothing: too long a string, division by zero, a wrong file for COPY. */
    private static final Set<String> QUOTES_NOTHING = Set.of("22001", "22012", "22P04");

    /** Reads the beginning of an ErrorResponse's body, as much of it as is there. */
    static ServerError read(ByteBuf in, int at, int length) {
        return read(in, at, length, false);
    }

    /**
     * Reads the beginning of an ErrorResponse's body, as much of it as is there.
     *
     * @param hides whether a message that may quote values of rows is withheld: that of an exception for a value, unless it has a place in the
     *     statement's text, where the value is the client's own, and comes from no code that ran there
     */
    static ServerError read(ByteBuf in, int at, int length, boolean hides) {
        String severity = "ERROR";
        String sqlState = "XX000";
        String message = "";
        boolean placed = false;
        boolean nested = false;
        int end = at + length;
        while (at < end && in.getByte(at) != 0) {
            char code = (char) in.getByte(at);
            int mark = in.indexOf(at + 1, end, (byte) 0);
            int stop = mark < 0 ? end : mark;
            String value = in.toString(at + 1, stop - at - 1, StandardCharsets.UTF_8);
            switch (code) {
                // Not localised, unlike S.
                case 'V' -> severity = value;
                case 'C' -> sqlState = value;
                case 'M' -> message = value;
                case 'P' -> placed = true;
                case 'W' -> nested = true;
                default -> {}
            }
            at = stop + 1;
        }
        boolean withheld = hides
                && sqlState.startsWith(DATA_EXCEPTION)
                && !QUOTES_NOTHING.contains(sqlState)
                && (!placed || nested);
        return new ServerError(
                severity.equals("FATAL") || severity.equals("PANIC"), sqlState, withheld ? WITHHELD : message);
    }

    /**
     * An ErrorResponse or NoticeResponse without its DETAIL, CONTEXT and internal query, which may quote rows, and with the message that one whose
     * rows are masked is told; the receiver releases it.
     */
    static ByteBuf withoutDetails(ByteBufAllocator allocator, byte type, ByteBuf in, int at, int length) {
        ByteBuf out = allocator.buffer(FrameScanner.HEADER + length);
        out.writeByte(type).writeInt(0);
        boolean withheld = read(in, at, length, true).message().equals(WITHHELD);
        int end = at + length;
        int from = at;
        while (from < end && in.getByte(from) != 0) {
            int mark = in.indexOf(from + 1, end, (byte) 0);
            int next = mark < 0 ? end : mark + 1;
            switch (in.getByte(from)) {
                case 'D', 'W', 'q' -> {}
                case 'M' -> {
                    if (withheld) {
                        out.writeByte('M').writeCharSequence(WITHHELD, StandardCharsets.UTF_8);
                        out.writeByte(0);
                    } else {
                        out.writeBytes(in, from, next - from);
                    }
                }
                default -> out.writeBytes(in, from, next - from);
            }
            from = next;
        }
        out.writeByte(0);
        return out.setInt(1, out.writerIndex() - 1);
    }
}
