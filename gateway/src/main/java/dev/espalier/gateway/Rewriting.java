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
    private final int maxText;

    /** What stands before the text and behind it in the message looked at last. */
    private byte[] before = new byte[0];

    private byte[] after = new byte[0];
    private byte[] original = new byte[0];
    private Sent sent = new AsItIs();

    /** How the server will read a text. */
    enum Reading {
        /** As {@link TextReading} says. */
        TOLD,
        /** As it will say when all that is on its way is answered. */
        TOLD_LATER,
        /** Nobody can say while the client does not let the server tell. */
        UNTOLD
    }

    Rewriting(Optional<SessionRules> rules, ByteBufAllocator allocator, int maxText) {
        this.rules = rules;
        this.allocator = allocator;
        this.maxText = maxText;
    }

    /** Whether there are rules. */
    boolean looks() {
        return rules.isPresent();
    }

    /** Longest Query or Parse message that is held until it is complete, in bytes. */
    int hold() {
        return rules.isEmpty() ? FrameScanner.HEADER : FrameScanner.HEADER + maxText + BESIDE_TEXT;
    }

    /**
     * A message longer than {@link #hold} flows through.
     *
     * @throws Refusal if rules would have to look at it
     */
    void refuseTooLong() throws Refusal {
        if (rules.isPresent()) {
            throw new Refusal(
                    "54000",
                    "a statement of more than " + maxText
                            + " bytes is refused in this session, whose statements are looked at",
                    "Send it in parts, or the data with COPY.");
        }
    }

    /**
     * Looks at a complete message. Where it is {@link Reading#TOLD_LATER} how the server reads its text, {@link #lookAgain} is to
     * be called then.
     *
     * @param text where its text begins
     * @param mark the text's end mark
     * @param told how the server reads the text
     * @param theGrammars whether it reads texts as the grammar does
     * @return whether {@link #sent} says what takes its place
     */
    boolean replaces(ByteBuf in, int at, int text, int mark, int end, Reading told, boolean theGrammars) {
        if (rules.isEmpty() || mark < 0) {
            return false;
        }
        byte[] sql = ByteBufUtil.getBytes(in, text, mark - text);
        sent = switch (told) {
            case TOLD -> sent(sql, theGrammars);
            case TOLD_LATER -> new AsItIs();
            case UNTOLD ->
                new Refused(new Refusal(
                        "0A000",
                        "this session's statements are looked at, and what was sent before this one without Sync may change what its "
                                + "backslashes and its characters beyond ASCII mean to the server",
                        "Send Sync before it, or use parameters."));
        };
        if (sent instanceof AsItIs && told != Reading.TOLD_LATER) {
            return false;
        }
        before = ByteBufUtil.getBytes(in, at, text - at);
        after = ByteBufUtil.getBytes(in, mark, end - mark);
        original = sql;
        return true;
    }

    private Sent sent(byte[] sql, boolean theGrammars) {
        return theGrammars || TextReading.isPlain(sql)
                ? rules.orElseThrow().sent(sql)
                : new Refused(new Refusal(
                        "0A000",
                        "this session's statements are looked at, and with its client_encoding or standard_conforming_strings "
                                + "this one may mean something else to the server",
                        "Set client_encoding to UTF8 and standard_conforming_strings to on."));
    }

    /** What takes the place of the message looked at last. */
    Sent sent() {
        return sent;
    }

    /** The same, by what the server has told since. */
    Sent lookAgain(boolean theGrammars) {
        return sent(original, theGrammars);
    }

    /** The message with another text; the receiver releases it. */
    ByteBuf message(byte type, Sent other) {
        byte[] text = switch (other) {
            case Instead(String different) -> different.getBytes(StandardCharsets.UTF_8);
            case Refused(Refusal refusal) -> raising(refusal).getBytes(StandardCharsets.UTF_8);
            case AsItIs _ -> original;
            case Later _ -> throw new IllegalStateException("what comes later is known by now");
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
