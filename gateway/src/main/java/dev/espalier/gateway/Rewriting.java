package dev.espalier.gateway;

import dev.espalier.gateway.SessionRules.AsItIs;
import dev.espalier.gateway.SessionRules.Instead;
import dev.espalier.gateway.SessionRules.Later;
import dev.espalier.gateway.SessionRules.Refused;
import dev.espalier.gateway.SessionRules.Sent;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Puts what a session's rules say in the place of the client's Query and Parse messages. */
final class Rewriting {

    /** Room for a name and the types of parameters beside the text. */
    private static final int BESIDE_TEXT = 8 * 1024;

    private final Optional<SessionRules> rules;
    private final ByteBufAllocator allocator;

    /** What stands before the text and behind it in the message looked at last. */
    private byte[] before = new byte[0];

    private byte[] after = new byte[0];
    private Sent sent = new AsItIs();

    Rewriting(Optional<SessionRules> rules, ByteBufAllocator allocator) {
        this.rules = rules;
        this.allocator = allocator;
    }

    /** Longest Query or Parse message that is held until it is complete, in bytes. */
    int hold() {
        return rules.isEmpty() ? FrameScanner.HEADER : FrameScanner.HEADER + Texts.LONGEST_ON_LOOP + BESIDE_TEXT;
    }

    /**
     * Looks at a complete message.
     *
     * @param text where its text begins
     * @param mark the text's end mark
     * @return whether {@link #sent} says what takes its place
     */
    boolean replaces(byte type, ByteBuf in, int at, int text, int mark, int end) {
        if (rules.isEmpty() || mark < 0 || mark - text > Texts.LONGEST_ON_LOOP) {
            return false;
        }
        byte[] sql = new byte[mark - text];
        in.getBytes(text, sql);
        Sent sent = rules.get().sent(sql);
        if (sent instanceof AsItIs) {
            return false;
        }
        before = ByteBufUtil.getBytes(in, at, text - at);
        after = ByteBufUtil.getBytes(in, mark, end - mark);
        this.sent = sent;
        return true;
    }

    /** What takes the place of the message looked at last. */
    Sent sent() {
        return sent;
    }

    /** The message with another text; the receiver releases it. */
    ByteBuf message(byte type, Sent other) {
        byte[] text = switch (other) {
            case Instead(String different) -> different.getBytes(StandardCharsets.UTF_8);
            case Refused(Refusal refusal) -> raising(refusal).getBytes(StandardCharsets.UTF_8);
            case AsItIs _, Later _ -> throw new IllegalStateException("no text to send: " + other);
        };
        int length = Integer.BYTES + before.length + text.length + after.length;
        return allocator
                .buffer(1 + length)
                .writeByte(type)
                .writeInt(length)
                .writeBytes(before)
                .writeBytes(text)
                .writeBytes(after);
    }

    /** A block that fails, so that the client hears of it where the server would have answered. */
    private static String raising(Refusal refusal) {
        return "DO $refused$BEGIN RAISE EXCEPTION USING ERRCODE = '" + refusal.sqlState() + "', MESSAGE = '"
                + quoted(refusal.reason()) + "', HINT = '"
                + quoted(refusal.hint().orElse("")) + "'; END$refused$";
    }

    private static String quoted(String text) {
        return text.replace("'", "''").replace('$', ' ').replace('\\', '/').replace('\0', ' ');
    }
}
