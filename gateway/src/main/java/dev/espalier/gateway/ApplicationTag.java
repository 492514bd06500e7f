package dev.espalier.gateway;

import java.nio.charset.StandardCharsets;

/**
 * The application_name that the gateway gives a backend: what the client claims to be, shortened, and between brackets the
 * session's id, which leads from pg_stat_activity and the server's log to the session's records, and what acts.
 */
final class ApplicationTag {

    /** PostgreSQL's NAMEDATALEN without its end mark, in bytes. */
    private static final int MAX_BYTES = 63;

    private ApplicationTag() {}

    /** Longest label of what acts, in bytes. */
    private static final int MAX_LABEL = 24;

    static String of(String claimed, String sessionId, Acting acting) {
        String label = shortened(acting.label(), MAX_LABEL);
        String tag = "[espalier:" + sessionId + (label.isEmpty() ? "" : " " + label) + "]";
        String name = shortened(claimed, MAX_BYTES - tag.getBytes(StandardCharsets.UTF_8).length - 1);
        return name.isEmpty() ? tag : name + " " + tag;
    }

    private static String shortened(String claimed, int bytes) {
        StringBuilder name = new StringBuilder();
        int left = bytes;
        for (int at = 0; at < claimed.length(); at += Character.charCount(claimed.codePointAt(at))) {
            String character = Character.toString(claimed.codePointAt(at));
            left -= character.getBytes(StandardCharsets.UTF_8).length;
            if (left < 0) {
                break;
            }
            name.append(character);
        }
        return name.toString();
    }
}
