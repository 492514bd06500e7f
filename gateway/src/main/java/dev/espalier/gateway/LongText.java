package dev.espalier.gateway;

import io.netty.buffer.ByteBuf;
import java.security.MessageDigest;
import java.util.HexFormat;

/** Takes length and digest of a text of which only the beginning is read, while the rest flows by. */
final class LongText {

    private final SqlText text;
    private final int read;
    private final MessageDigest digest = SqlText.sha256();
    private long bytes;

    /** Its end mark has come: what follows in the message is no part of it. */
    private boolean ended;

    /** @param beginning what was read */
    LongText(SqlText text, byte[] beginning) {
        this.text = text;
        this.read = beginning.length;
        this.bytes = beginning.length;
        digest.update(beginning);
        text.isToldBy("the first " + read + " bytes of a text whose end the gateway has not seen");
    }

    /** @param last whether the message ends here */
    void flows(ByteBuf in, int at, int length, boolean last) {
        if (ended) {
            return;
        }
        int mark = in.indexOf(at, at + length, (byte) 0);
        int more = mark < 0 ? length : mark - at;
        digest.update(in.nioBuffer(at, more));
        bytes += more;
        if (mark >= 0 || last) {
            ended = true;
            text.isToldBy("the first " + read + " of " + bytes + " bytes, SHA-256 of all: "
                    + HexFormat.of().formatHex(digest.digest()));
        }
    }
}
