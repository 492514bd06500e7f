package dev.espalier.gateway;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/** What a trailing comment claims, in the form of sqlcommenter: {@code /*key='value',key='value'*}{@code /}. */
final class SqlComments {

    /** Longest comment that is looked at, in bytes; it stands at the end of every statement. */
    private static final int MAX_COMMENT = 4096;

    private final String comment;
    private int at;

    private SqlComments(String comment) {
        this.comment = comment;
    }

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
        return open < 0 ? Map.of() : new SqlComments(tail.substring(open + 2)).pairs();
    }

    /** Looks at each character once: this is done on the loop for every statement. */
    private Map<String, String> pairs() {
        Map<String, String> claims = new LinkedHashMap<>();
        while (at < comment.length()) {
            skipBlanks();
            String key = key();
            if (key.isEmpty() || !comes('=') || !comes('\'')) {
                return Map.of();
            }
            int from = at;
            skipValue();
            String value = comment.substring(from, at);
            if (!comes('\'')) {
                return Map.of();
            }
            skipBlanks();
            if (at < comment.length() && !comes(',')) {
                return Map.of();
            }
            try {
                claims.put(decode(key), decode(value));
            } catch (IllegalArgumentException e) {
                // Not URL-encoded, so not sqlcommenter's.
                return Map.of();
            }
        }
        return claims;
    }

    private String key() {
        int from = at;
        while (at < comment.length() && "=,'".indexOf(comment.charAt(at)) < 0 && !isBlank(comment.charAt(at))) {
            at++;
        }
        return comment.substring(from, at);
    }

    /** To the quote that ends it; a backslash takes what follows with it. */
    private void skipValue() {
        while (at < comment.length() && comment.charAt(at) != '\'') {
            at += comment.charAt(at) == '\\' ? 2 : 1;
        }
        at = Math.min(at, comment.length());
    }

    private boolean comes(char expected) {
        boolean there = at < comment.length() && comment.charAt(at) == expected;
        at += there ? 1 : 0;
        return there;
    }

    private void skipBlanks() {
        while (at < comment.length() && isBlank(comment.charAt(at))) {
            at++;
        }
    }

    private static boolean isBlank(char character) {
        return character == ' ' || (character >= '\t' && character <= '\r');
    }

    private static String decode(String encoded) {
        return URLDecoder.decode(encoded.replace("\\'", "'").replace("+", "%2B"), StandardCharsets.UTF_8);
    }
}
