package dev.espalier.gateway;

import dev.espalier.gateway.SessionRules.AsItIs;
import dev.espalier.gateway.SessionRules.Instead;
import dev.espalier.gateway.SessionRules.Refused;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Puts what a session's rules say in the place of the client's Query and Parse messages. */
final class Rewriting {

    /** Room for a name and the types of parameters beside the text. */
    private static final int BESIDE_TEXT = 8 * 1024;

    private final Optional<SessionRules> rules;
    private final ByteBufAllocator allocator;

    private @Nullable ByteBuf instead;

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
     * @return whether {@link #take} has another one for it
     */
    boolean replaces(byte type, ByteBuf in, int at, int text, int mark, int end) {
        if (rules.isEmpty() || mark < 0 || mark - text > Texts.LONGEST_ON_LOOP) {
            return false;
        }
        byte[] sql = new byte[mark - text];
        in.getBytes(text, sql);
        byte[] other;
        switch (rules.get().sent(sql)) {
            case AsItIs _ -> {
                return false;
            }
            case Instead(String different) -> other = different.getBytes(StandardCharsets.UTF_8);
            case Refused(Refusal refusal) -> other = raising(refusal).getBytes(StandardCharsets.UTF_8);
        }
        int length = Integer.BYTES + (text - at) + other.length + (end - mark);
        instead = allocator
                .buffer(1 + length)
                .writeByte(type)
                .writeInt(length)
                .writeBytes(in, at, text - at)
                .writeBytes(other)
                .writeBytes(in, mark, end - mark);
        return true;
    }

    /** The message that takes the place of the one looked at last; the receiver releases it. */
    ByteBuf take() {
        ByteBuf message = instead;
        if (message == null) {
            throw new IllegalStateException("nothing was replaced");
        }
        instead = null;
        return message;
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
