package dev.espalier.gateway;

import io.netty.buffer.ByteBuf;
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
}
