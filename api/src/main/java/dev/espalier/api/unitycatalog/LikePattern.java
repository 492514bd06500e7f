package dev.espalier.api.unitycatalog;

/** A pattern of SQL's LIKE, without an escape. What it takes to match grows with the product of both lengths at most. */
final class LikePattern {

    private final int[] pattern;

    LikePattern(String text) {
        pattern = text.codePoints().toArray();
    }

    boolean matches(String text) {
        int[] chars = text.codePoints().toArray();
        int at = 0;
        int next = 0;
        int percent = -1;
        int taken = 0;
        while (at < chars.length) {
            if (next < pattern.length && pattern[next] == '%') {
                percent = next++;
                taken = at;
            } else if (next < pattern.length && (pattern[next] == '_' || pattern[next] == chars[at])) {
                next++;
                at++;
            } else if (percent >= 0) {
                // The last % takes one more; those before it need take no more than they have.
                next = percent + 1;
                at = ++taken;
            } else {
                return false;
            }
        }
        while (next < pattern.length && pattern[next] == '%') {
            next++;
        }
        return next == pattern.length;
    }
}
