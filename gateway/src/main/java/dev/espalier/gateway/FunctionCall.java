package dev.espalier.gateway;

import static java.util.Map.entry;

import io.netty.buffer.ByteBuf;
import java.util.Map;
import java.util.StringJoiner;

/**
 * The FunctionCall message, which names a function by OID and bypasses SQL. libpq and the drivers use it for large objects,
 * whose functions have the same OIDs everywhere (pg_proc.dat): these are passed on, and recorded in words. Any other is refused.
 */
final class FunctionCall {

    /** Longest message, in bytes: it is held until it is known what it calls. */
    static final int LONGEST = 1 << 20;

    /** What the server gets in place of another function's call, so that the client hears of it in the right order. */
    static final String REFUSED = """
            DO $$BEGIN RAISE EXCEPTION USING ERRCODE = '0A000',
            MESSAGE = 'the FunctionCall message is refused, but for large objects: it bypasses SQL',
            HINT = 'Call the function in a SELECT.'; END$$""";

    private static final Map<Integer, String> LARGE_OBJECTS = Map.ofEntries(
            entry(715, "lo_create"),
            entry(764, "lo_import"),
            entry(765, "lo_export"),
            entry(767, "lo_import"),
            entry(952, "lo_open"),
            entry(953, "lo_close"),
            entry(954, "loread"),
            entry(955, "lowrite"),
            entry(956, "lo_lseek"),
            entry(957, "lo_creat"),
            entry(958, "lo_tell"),
            entry(964, "lo_unlink"),
            entry(1004, "lo_truncate"),
            entry(3170, "lo_lseek64"),
            entry(3171, "lo_tell64"),
            entry(3172, "lo_truncate64"));

    private FunctionCall() {}

    /** @throws Refusal for a message that was not held */
    static void refuseTooLong(int length) throws Refusal {
        if (length > LONGEST - FrameScanner.HEADER) {
            throw new Refusal(
                    "54000",
                    "a FunctionCall message of " + length + " bytes is refused; " + LONGEST + " are possible",
                    "Write the large object in smaller parts.");
        }
    }

    static boolean isOfLargeObject(ByteBuf in, int at, int end) {
        return end - at >= Integer.BYTES && LARGE_OBJECTS.containsKey(in.getInt(at));
    }

    /** Reads from a message's body as far as it is there: {@code FunctionCall lo_open(16393, 131072)}. */
    static String text(ByteBuf in, int at, int end) {
        ByteBuf body = in.slice(at, end - at);
        if (body.readableBytes() < Integer.BYTES) {
            return "FunctionCall";
        }
        int oid = body.readInt();
        return "FunctionCall " + LARGE_OBJECTS.getOrDefault(oid, "OID " + Integer.toUnsignedString(oid))
                + arguments(body);
    }

    private static String arguments(ByteBuf body) {
        StringJoiner shown = new StringJoiner(", ", "(", ")");
        if (body.readableBytes() < Short.BYTES) {
            return "";
        }
        int formats = body.readUnsignedShort();
        if (body.readableBytes() < (formats + 1) * Short.BYTES) {
            return "";
        }
        boolean binary = formats > 0;
        for (int i = 0; i < formats; i++) {
            binary &= body.readShort() == 1;
        }
        int arguments = body.readUnsignedShort();
        for (int i = 0; i < arguments && body.readableBytes() >= Integer.BYTES; i++) {
            int length = body.readInt();
            shown.add(argument(body, length, binary));
            body.skipBytes(Math.clamp(length, 0, body.readableBytes()));
        }
        return shown.toString();
    }

    /** A number of four or eight bytes; of anything else only how much it is. */
    private static String argument(ByteBuf body, int length, boolean binary) {
        if (length < 0) {
            return "NULL";
        }
        if (binary && length <= body.readableBytes()) {
            if (length == Integer.BYTES) {
                return Integer.toString(body.getInt(body.readerIndex()));
            }
            if (length == Long.BYTES) {
                return Long.toString(body.getLong(body.readerIndex()));
            }
        }
        return length + " bytes";
    }
}
