package dev.espalier.gateway;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * What a client asks for in its startup packet besides user and database, taken apart: what is for Espalier, and what is for
 * the backend. The backend gets settings only, and only those that a SET could make too.
 *
 * @param own the options {@code espalier.*}, without that prefix
 * @param settings PostgreSQL's
 * @param applicationName what the client claims to be; empty if it claims nothing
 */
record StartupOptions(Map<String, String> own, Map<String, String> settings, String applicationName) {

    private static final String OWN_PREFIX = "espalier.";
    private static final String APPLICATION_NAME = "application_name";
    private static final String TAG = "tag";
    private static final String OFF = "off";

    /** Parameters that are not settings. */
    private static final Set<String> SPECIAL = Set.of("user", "database", "options", "replication");

    /**
     * Settings that a connection can make when it begins and SET cannot (context "backend" and "superuser-backend" of
     * pg_settings), and one that only has an effect then.
     */
    private static final Set<String> NOT_BY_SET = Set.of(
            "ignore_system_indexes",
            "jit_debugging_support",
            "jit_profiling_support",
            "local_preload_libraries",
            "log_connections",
            "log_disconnections",
            "post_auth_delay");

    /** What the backend's application_name is to be; the session's id is in it unless the client does without. */
    String backendName(String sessionId, Acting acting) {
        return OFF.equals(own.get(TAG)) ? applicationName : ApplicationTag.of(applicationName, sessionId, acting);
    }

    /** @throws Refusal naming the option that is not possible */
    static StartupOptions of(Map<String, String> parameters) throws Refusal {
        Map<String, String> own = new LinkedHashMap<>();
        Map<String, String> settings = new LinkedHashMap<>();
        for (Map.Entry<String, String> option :
                switches(parameters.getOrDefault("options", "")).entrySet()) {
            sort(option.getKey(), option.getValue(), own, settings);
        }
        for (Map.Entry<String, String> parameter : parameters.entrySet()) {
            if (!SPECIAL.contains(parameter.getKey())) {
                sort(parameter.getKey(), parameter.getValue(), own, settings);
            }
        }
        String applicationName = settings.remove(APPLICATION_NAME);
        return new StartupOptions(own, settings, applicationName == null ? "" : applicationName);
    }

    private static void sort(String name, String value, Map<String, String> own, Map<String, String> settings)
            throws Refusal {
        String folded = name.toLowerCase(Locale.ROOT);
        if (folded.startsWith(OWN_PREFIX)) {
            own.put(folded.substring(OWN_PREFIX.length()), value);
        } else if (NOT_BY_SET.contains(folded) || SPECIAL.contains(folded)) {
            throw new Refusal(
                    "42501",
                    "the startup option " + name + " is refused: SET could not make it either",
                    "Leave it out of the connection's options.");
        } else {
            settings.put(folded, value);
        }
    }

    /** Reads {@code -c name=value}, {@code -cname=value} and {@code --name=value}, the forms that are settings. */
    private static Map<String, String> switches(String options) throws Refusal {
        Map<String, String> found = new LinkedHashMap<>();
        List<String> words = words(options);
        for (int i = 0; i < words.size(); i++) {
            String word = words.get(i);
            String assignment;
            if (word.equals("-c") && i + 1 < words.size()) {
                assignment = words.get(++i);
            } else if (word.startsWith("-c") || word.startsWith("--")) {
                assignment = word.substring(2);
            } else {
                throw unknown(word);
            }
            int equals = assignment.indexOf('=');
            if (equals < 1) {
                throw unknown(word);
            }
            // As PostgreSQL does: a dash stands for an underscore in a name.
            found.put(assignment.substring(0, equals).replace('-', '_'), assignment.substring(equals + 1));
        }
        return found;
    }

    /** Splits at blanks; a backslash takes the next character as it is (PostgreSQL's pg_split_opts). */
    private static List<String> words(String options) {
        List<String> words = new ArrayList<>();
        StringBuilder word = new StringBuilder();
        boolean within = false;
        for (int i = 0; i < options.length(); i++) {
            char c = options.charAt(i);
            if (Character.isWhitespace(c)) {
                if (within) {
                    words.add(word.toString());
                    word.setLength(0);
                    within = false;
                }
                continue;
            }
            within = true;
            if (c == '\\' && i + 1 < options.length()) {
                c = options.charAt(++i);
            }
            word.append(c);
        }
        if (within) {
            words.add(word.toString());
        }
        return words;
    }

    private static Refusal unknown(String word) {
        return new Refusal(
                "42601",
                "the startup option " + word + " is refused: only settings are taken",
                "Write options as -c name=value.");
    }
}
