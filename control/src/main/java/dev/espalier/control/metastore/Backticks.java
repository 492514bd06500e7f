package dev.espalier.control.metastore;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** Names in backticks, one inside written twice; and names with dots between their parts. */
public final class Backticks {

    private static final Pattern APART_IN_A_FULL_NAME = Pattern.compile("[.`]");
    private static final Pattern WORD = Pattern.compile("[a-z0-9_]+");

    private Backticks() {}

    /** The name in backticks, whatever it is. */
    public static String around(String name) {
        return "`" + name.replace("`", "``") + "`";
    }

    /** The name as a statement of governance reads it: in backticks where a word would be folded or taken apart. */
    public static String inStatement(String name) {
        return WORD.matcher(name).matches() ? name : around(name);
    }

    /** The name as a part of a full name of the API's, which folds nothing: in backticks where it would be taken apart. */
    static String inFullName(String name) {
        return APART_IN_A_FULL_NAME.matcher(name).find() ? around(name) : name;
    }

    /** The parts of a full name, without backticks; empty if a part is empty, or a backtick stands where none can. */
    static Optional<List<String>> parts(String fullName) {
        List<String> parts = new ArrayList<>();
        int at = 0;
        while (true) {
            int end = end(fullName, at);
            String written = fullName.substring(at, end);
            boolean quoted = written.startsWith("`");
            String part = quoted ? within(written) : written;
            boolean isCutShort = end < fullName.length() && fullName.charAt(end) != '.';
            if (part.isEmpty() || isCutShort || (!quoted && part.indexOf('`') >= 0)) {
                return Optional.empty();
            }
            parts.add(part);
            if (end == fullName.length()) {
                return Optional.of(parts);
            }
            at = end + 1;
        }
    }

    /** Where the part that begins here ends. */
    private static int end(String fullName, int begin) {
        if (!fullName.startsWith("`", begin)) {
            int dot = fullName.indexOf('.', begin);
            return dot < 0 ? fullName.length() : dot;
        }
        int at = begin + 1;
        while (at < fullName.length()) {
            if (fullName.charAt(at) != '`') {
                at++;
            } else if (fullName.startsWith("``", at)) {
                at += 2;
            } else {
                return at + 1;
            }
        }
        return at;
    }

    /** Empty for one that is not closed. */
    private static String within(String written) {
        String inside = written.substring(1);
        String closed = inside.endsWith("`") ? inside.substring(0, inside.length() - 1) : "";
        String left = closed.replace("``", "");
        return left.indexOf('`') >= 0 ? "" : closed.replace("``", "`");
    }
}
