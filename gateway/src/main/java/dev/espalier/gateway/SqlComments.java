package dev.espalier.gateway;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a trailing comment claims, in the form of sqlcommenter: {@code /*key='value',key='value'*}{@code /}. */
final class SqlComments {

    /** Longest comment that is looked at, in bytes; it stands at the end of every statement. */
    private static final int MAX_COMMENT = 4096;

    private static final Pattern PAIR = Pattern.compile("\\s*([^=,'\\s]+)='((?:[^'\\\\]|\\\\.)*)'\\s*(?:,|$)");

    private SqlComments() {}

    /** The pairs, decoded; empty if the text does not end with such a comment, or not all of it has that form. */
    static Map<String, String> claims(byte[] sql) {
        int end = sql.length;
        while (end > 0 && (sql[end - 1] <= ' ' || sql[end - 1] == ';')) {
            end--;
        }
        if (end < 4 || sql[end - 1] != '/' || sql[end - 2] != '*') {
            return Map.of();
        }
        int start = Math.max(0, end - MAX_COMMENT);
        String tail = new String(sql, start, end - 2 - start, StandardCharsets.UTF_8);
        int open = tail.lastIndexOf("/*");
        return open < 0 ? Map.of() : pairs(tail.substring(open + 2));
    }

    private static Map<String, String> pairs(String comment) {
        Map<String, String> claims = new LinkedHashMap<>();
        Matcher matcher = PAIR.matcher(comment);
        int at = 0;
        while (at < comment.length()) {
            if (!matcher.find(at) || matcher.start() != at) {
                return Map.of();
            }
            try {
                claims.put(decode(matcher.group(1)), decode(matcher.group(2)));
            } catch (IllegalArgumentException e) {
                // Not URL-encoded, so not sqlcommenter's.
                return Map.of();
            }
            at = matcher.end();
        }
        return claims;
    }

    private static String decode(String encoded) {
        return URLDecoder.decode(encoded.replace("\\'", "'").replace("+", "%2B"), StandardCharsets.UTF_8);
    }
}
