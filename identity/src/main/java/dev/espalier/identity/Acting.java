package dev.espalier.identity;

import java.text.ParseException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * What acts in a principal's name: the actor of RFC 8693 (4.1), which a credential carries as its claim {@code act}. Empty for
 * what is not named.
 *
 * @param agent the agent, such as a coding assistant
 * @param application that asked for the credential
 * @param tool of the agent's
 * @param requestId of the request that it serves
 */
public record Acting(String agent, String application, String tool, String requestId) {

    /** The principal himself. */
    public static final Acting NOBODY = new Acting("", "", "", "");

    /** Longest of the names, in characters. */
    public static final int LONGEST = 128;

    private static final String AGENT = "sub";
    private static final String APPLICATION = "client_id";
    private static final String TOOL = "tool";
    private static final String REQUEST = "request_id";

    /** @throws IllegalArgumentException if a name is longer than {@link #LONGEST} or has a character that is none for the eye */
    public Acting {
        check("agent", agent);
        check("application", application);
        check("tool", tool);
        check("request_id", requestId);
    }

    private static void check(String what, String name) {
        if (name.length() > LONGEST || name.codePoints().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException("the name of the " + what + " has more than " + LONGEST
                    + " characters, or a control character. Use a shorter one, without.");
        }
    }

    Map<String, Object> claim() {
        Map<String, Object> claim = new LinkedHashMap<>();
        put(claim, AGENT, agent);
        put(claim, APPLICATION, application);
        put(claim, TOOL, tool);
        put(claim, REQUEST, requestId);
        return claim;
    }

    private static void put(Map<String, Object> claim, String key, String name) {
        if (!name.isEmpty()) {
            claim.put(key, name);
        }
    }

    static Acting of(Map<String, Object> claim) throws ParseException {
        UnaryOperator<String> name = key -> claim.get(key) instanceof String text ? text : "";
        try {
            return new Acting(name.apply(AGENT), name.apply(APPLICATION), name.apply(TOOL), name.apply(REQUEST));
        } catch (IllegalArgumentException e) {
            throw new ParseException(String.valueOf(e.getMessage()), 0);
        }
    }
}
