package dev.espalier.control;

import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.ControlException.Code;
import dev.espalier.postgres.Identifiers;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A setting that PostgreSQL keeps for a role or a database, as a statement that makes it elsewhere. Whoever may make settings has
 * chosen every character of it ({@code SET … FROM CURRENT} keeps what {@code set_config} was given), and the statement is a
 * superuser's: nothing of it stands there but as a literal.
 */
final class StoredSetting {

    /** PostgreSQL quotes each name of these: its GUC_LIST_QUOTE. */
    private static final Set<String> LISTS = Set.of(
            "local_preload_libraries",
            "search_path",
            "session_preload_libraries",
            "shared_preload_libraries",
            "temp_tablespaces",
            "unix_socket_directories");

    /** Those of them whose names are SQL's, and small where they are not quoted. */
    private static final Set<String> IDENTIFIERS = Set.of("search_path", "temp_tablespaces");

    private static final Pattern ELEMENT = Pattern.compile("\\s*(?:\"((?:[^\"]|\"\")*)\"|([^\\s,\"]+))\\s*(,|$)");

    private StoredSetting() {}

    /**
     * @param whose how the statement begins, with a quoted name: {@code ALTER ROLE "x"}
     * @param stored {@code name=value}, as in {@code pg_db_role_setting}
     * @throws ControlException if it is a list that PostgreSQL could not split either
     */
    static String statement(String whose, String stored) {
        int end = stored.indexOf('=');
        String name = stored.substring(0, end);
        String value = stored.substring(end + 1);
        List<String> values = LISTS.contains(name) ? elements(name, value) : List.of(value);
        return whose + " SET " + Identifiers.quoted(name) + " TO "
                + values.stream().map(Identifiers::literal).collect(Collectors.joining(", "));
    }

    private static List<String> elements(String name, String list) {
        if (list.isBlank()) {
            return List.of("");
        }
        List<String> elements = new ArrayList<>();
        Matcher element = ELEMENT.matcher(list);
        boolean more = true;
        while (more) {
            if (!element.lookingAt()) {
                throw new ControlException(
                        Code.INVALID_STATE,
                        "the setting " + name + " = " + list
                                + " is no list of names. Set it anew at the source, or reset it.");
            }
            String quoted = element.group(1);
            String plain = String.valueOf(element.group(2));
            elements.add(
                    quoted != null ? quoted.replace("\"\"", "\"") : IDENTIFIERS.contains(name) ? small(plain) : plain);
            more = !element.group(3).isEmpty();
            element.region(element.end(), list.length());
        }
        return elements;
    }

    /** PostgreSQL makes ASCII's letters small, and no others. */
    private static String small(String name) {
        return Pattern.compile("[A-Z]+")
                .matcher(name)
                .replaceAll(capitals -> capitals.group().toLowerCase(Locale.ROOT));
    }
}
