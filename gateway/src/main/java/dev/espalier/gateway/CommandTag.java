package dev.espalier.gateway;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;

/** What CommandComplete says: {@code SELECT 5}, {@code INSERT 0 3}, {@code CREATE TABLE}. */
final class CommandTag {

    private CommandTag() {}

    /** The tag in a CommandComplete's body, without its end mark. */
    static String read(ByteBuf in, int at, int length) {
        int bytes = length > 0 && in.getByte(at + length - 1) == 0 ? length - 1 : length;
        return in.toString(at, bytes, StandardCharsets.US_ASCII);
    }

    /** The number at the end; 0 if there is none. */
    static long rows(String tag) {
        long rows = 0;
        long unit = 1;
        int at = tag.length() - 1;
        for (; at >= 0 && tag.charAt(at) >= '0' && tag.charAt(at) <= '9'; at--) {
            rows += unit * (tag.charAt(at) - '0');
            unit *= 10;
        }
        return at >= 0 && tag.charAt(at) == ' ' ? rows : 0;
    }

    /** The words before the numbers: the command. */
    static String command(String tag) {
        int end = tag.length();
        while (end > 0 && (tag.charAt(end - 1) == ' ' || Character.isDigit(tag.charAt(end - 1)))) {
            end--;
        }
        return tag.substring(0, end);
    }
}
