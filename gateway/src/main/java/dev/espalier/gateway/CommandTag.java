package dev.espalier.gateway;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.Set;

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

    /** First words of tags that no statement of {@link StatementInfo#type()} OTHER has. */
    private static final Set<String> NEVER_OTHER = Set.of(
            "SELECT",
            "INSERT",
            "UPDATE",
            "DELETE",
            "MERGE",
            "COPY",
            "TRUNCATE",
            "CREATE",
            "ALTER",
            "DROP",
            "GRANT",
            "REVOKE",
            "CALL",
            "DO");

    /**
     * Whether a statement that completes so may be of the type.
     *
     * @param type see {@link StatementInfo#type()}
     */
    static boolean goesWith(String tag, String type) {
        String verb = tag.split(" ", 2)[0];
        return switch (type) {
            // Those complete as what they run.
            case "EXECUTE", "PREPARE" -> true;
            case "EMPTY" -> verb.isEmpty();
            case "CREATE" -> verb.equals("CREATE") || verb.equals("SELECT");
            case "BEGIN" -> verb.equals("BEGIN") || verb.equals("START");
            case "COMMIT" -> verb.equals("COMMIT") || verb.equals("ROLLBACK");
            case "SET" -> verb.equals("SET") || verb.equals("RESET");
            case "FETCH" -> verb.equals("FETCH") || verb.equals("MOVE");
            case "OTHER" -> !NEVER_OTHER.contains(verb);
            default -> verb.equals(type);
        };
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
