package dev.espalier.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.charset.StandardCharsets;

/**
 * The fields of an ErrorResponse that a record keeps.
 *
 * @param fatal whether the session ends with it
 * @param message as PostgreSQL words it
 */
record ServerError(boolean fatal, String sqlState, String message) {

    /** Reads the beginning of an ErrorResponse's body, as much of it as is there. */
    static ServerError read(ByteBuf in, int at, int length) {
        String severity = "ERROR";
        String sqlState = "XX000";
        String message = "";
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
                default -> {}
            }
            at = stop + 1;
        }
        return new ServerError(severity.equals("FATAL") || severity.equals("PANIC"), sqlState, message);
    }

    /**
     * An ErrorResponse or NoticeResponse without its DETAIL, CONTEXT and internal query, which may quote rows; the receiver
     * releases it.
     */
    static ByteBuf withoutDetails(ByteBufAllocator allocator, byte type, ByteBuf in, int at, int length) {
        ByteBuf out = allocator.buffer(FrameScanner.HEADER + length);
        out.writeByte(type).writeInt(0);
        int end = at + length;
        int from = at;
        while (from < end && in.getByte(from) != 0) {
            int mark = in.indexOf(from + 1, end, (byte) 0);
            int next = mark < 0 ? end : mark + 1;
            switch (in.getByte(from)) {
                case 'D', 'W', 'q' -> {}
                default -> out.writeBytes(in, from, next - from);
            }
            from = next;
        }
        out.writeByte(0);
        return out.setInt(1, out.writerIndex() - 1);
    }
}
