package dev.espalier.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/** Writes the few messages that the gateway says itself. */
final class Messages {

    private static final int AUTHENTICATION_CLEARTEXT = 3;
    private static final int AUTHENTICATION_SASL = 10;
    private static final int AUTHENTICATION_SASL_CONTINUE = 11;
    private static final int AUTHENTICATION_SASL_FINAL = 12;
    private static final int PROTOCOL_3_0 = 3 << 16;
    private static final int CANCEL_CODE = 1234 << 16 | 5678;

    private Messages() {}

    /** An ErrorResponse that ends the session. */
    static ByteBuf fatal(ByteBufAllocator allocator, Refusal refusal) {
        ByteBuf out = allocator.buffer();
        int start = begin(out, Backend.ERROR);
        field(out, 'S', "FATAL");
        field(out, 'V', "FATAL");
        field(out, 'C', refusal.sqlState());
        field(out, 'M', refusal.reason());
        refusal.hint().ifPresent(hint -> field(out, 'H', hint));
        out.writeByte(0);
        return end(out, start);
    }

    static ByteBuf cleartextPasswordRequest(ByteBufAllocator allocator) {
        ByteBuf out = allocator.buffer();
        int start = begin(out, Backend.AUTHENTICATION);
        out.writeInt(AUTHENTICATION_CLEARTEXT);
        return end(out, start);
    }

    static ByteBuf saslMechanisms(ByteBufAllocator allocator, List<String> mechanisms) {
        ByteBuf out = allocator.buffer();
        int start = begin(out, Backend.AUTHENTICATION);
        out.writeInt(AUTHENTICATION_SASL);
        mechanisms.forEach(mechanism -> string(out, mechanism));
        out.writeByte(0);
        return end(out, start);
    }

    static ByteBuf saslContinue(ByteBufAllocator allocator, String data) {
        return sasl(allocator, AUTHENTICATION_SASL_CONTINUE, data);
    }

    static ByteBuf saslFinal(ByteBufAllocator allocator, String data) {
        return sasl(allocator, AUTHENTICATION_SASL_FINAL, data);
    }

    private static ByteBuf sasl(ByteBufAllocator allocator, int code, String data) {
        ByteBuf out = allocator.buffer();
        int start = begin(out, Backend.AUTHENTICATION);
        out.writeInt(code);
        out.writeCharSequence(data, StandardCharsets.US_ASCII);
        return end(out, start);
    }

    static void keyData(ByteBuf out, int processId, Secret secret) {
        int start = begin(out, Backend.KEY_DATA);
        out.writeInt(processId);
        out.writeBytes(secret.bytes());
        end(out, start);
    }

    /** Says which version is spoken, and which options are not known. */
    static ByteBuf negotiateVersion(ByteBufAllocator allocator, int minor, List<String> unknownOptions) {
        ByteBuf out = allocator.buffer();
        int start = begin(out, Backend.NEGOTIATE_VERSION);
        out.writeInt(PROTOCOL_3_0 | minor);
        out.writeInt(unknownOptions.size());
        unknownOptions.forEach(option -> string(out, option));
        return end(out, start);
    }

    static ByteBuf startup(ByteBufAllocator allocator, Map<String, String> parameters) {
        ByteBuf out = allocator.buffer();
        out.writeInt(0).writeInt(PROTOCOL_3_0);
        parameters.forEach((name, value) -> {
            string(out, name);
            string(out, value);
        });
        out.writeByte(0);
        return out.setInt(0, out.writerIndex());
    }

    static ByteBuf cancel(ByteBufAllocator allocator, int processId, Secret secret) {
        ByteBuf out = allocator.buffer();
        byte[] key = secret.bytes();
        out.writeInt(3 * Integer.BYTES + key.length).writeInt(CANCEL_CODE).writeInt(processId);
        return out.writeBytes(key);
    }

    static ByteBuf query(ByteBufAllocator allocator, String sql) {
        ByteBuf out = allocator.buffer();
        int start = begin(out, Frontend.QUERY);
        string(out, sql);
        return end(out, start);
    }

    /** Asks the server for the answers that it has. */
    static ByteBuf flush(ByteBufAllocator allocator) {
        ByteBuf out = allocator.buffer();
        return end(out, begin(out, Frontend.FLUSH));
    }

    private static int begin(ByteBuf out, byte type) {
        out.writeByte(type);
        int start = out.writerIndex();
        out.writeInt(0);
        return start;
    }

    private static ByteBuf end(ByteBuf out, int start) {
        return out.setInt(start, out.writerIndex() - start);
    }

    private static void field(ByteBuf out, char code, String value) {
        out.writeByte(code);
        string(out, value);
    }

    private static void string(ByteBuf out, String value) {
        out.writeCharSequence(value.replace('\0', ' '), StandardCharsets.UTF_8);
        out.writeByte(0);
    }
}
