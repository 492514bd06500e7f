package dev.espalier.gateway;

import java.nio.charset.StandardCharsets;

/**
 * The application_name that the gateway gives a backend: what the client claims to be, shortened, and the session's id,
 * which leads from pg_stat_activity and the server's log to the session's records.
 */
final class ApplicationTag {

    /** PostgreSQL's NAMEDATALEN without its end mark, in bytes. */
    private static final int MAX_BYTES = 63;

    private ApplicationTag() {}

    static String of(String claimed, String sessionId) {
        String tag = "[espalier:" + sessionId + "]";
        StringBuilder name = new StringBuilder();
        int left = MAX_BYTES - tag.length() - 1;
        for (int at = 0; at < claimed.length(); at += Character.charCount(claimed.codePointAt(at))) {
            String character = Character.toString(claimed.codePointAt(at));
            left -= character.getBytes(StandardCharsets.UTF_8).length;
            if (left < 0) {
                break;
            }
            name.append(character);
        }
        return name.isEmpty() ? tag : name.append(' ').append(tag).toString();
    }
}
