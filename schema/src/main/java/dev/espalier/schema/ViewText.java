package dev.espalier.schema;

import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** Compares the definitions of views as two major versions of PostgreSQL print them. */
final class ViewText {

    private static final Pattern TOKEN = Pattern.compile(
            "\"(?:[^\"]|\"\")*\"|[Ee]?'(?:[^']|'')*'|[\\p{L}_][\\p{L}\\p{N}_$]*|\\p{N}[\\p{N}.]*|\\s+|.",
            Pattern.DOTALL);

    private ViewText() {}

    /** True if the two differ in nothing but a table's name before a column on one side, and in white space. */
    static boolean isSame(String one, String other) {
        List<String> a = tokens(one);
        List<String> b = tokens(other);
        int i = 0;
        int j = 0;
        while (i < a.size() && j < b.size()) {
            if (a.get(i).equals(b.get(j)) && isQualifier(a, i) == isQualifier(b, j)) {
                i++;
                j++;
            } else if (isQualifier(a, i)) {
                i += 2;
            } else if (isQualifier(b, j)) {
                j += 2;
            } else {
                return false;
            }
        }
        return i == a.size() && j == b.size();
    }

    private static boolean isQualifier(List<String> tokens, int i) {
        return i + 2 < tokens.size() && tokens.get(i + 1).equals(".");
    }

    private static List<String> tokens(String text) {
        return TOKEN.matcher(text)
                .results()
                .map(MatchResult::group)
                .filter(token -> !token.isBlank())
                .toList();
    }
}
