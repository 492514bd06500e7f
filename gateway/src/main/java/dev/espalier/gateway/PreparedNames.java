package dev.espalier.gateway;

import dev.espalier.gateway.Exchange.Portal;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the server has under the names of prepared statements and portals, as far as the gateway has seen it being made.
 * Names are as they come in messages, where each byte is a character here.
 */
final class PreparedNames {

    /** PostgreSQL tells names apart by so many bytes (NAMEDATALEN without its end mark). */
    private static final int MAX_NAME = 63;

    /** Characters of texts that are kept for one session: a text may have a mebibyte, and a session any number of them. */
    private static final int MOST_KEPT = 4 << 20;

    /** What a name and its entry take. */
    private static final int ENTRY = 128;

    /** With their whole texts, the one that was used last as the last. */
    private final Map<String, SqlText> statements = new LinkedHashMap<>(16, 0.75f, true);

    /** With the beginnings of theirs, to make room for the others. */
    private final Map<String, SqlText> shortened = new HashMap<>();

    /** Characters of both. */
    private int kept;

    private final Map<String, Portal> portals = new HashMap<>();

    /** @throws Refusal if there is no room for the beginnings of all texts: what runs could not be recorded */
    void parsed(String name, SqlText text) throws Refusal {
        closed(false, name);
        put(statements, shortened(name), text);
        while (kept > MOST_KEPT && !statements.isEmpty()) {
            String oldest = statements.keySet().iterator().next();
            SqlText whole = take(statements, oldest);
            put(shortened, oldest, whole == null ? text : whole.shortened());
        }
        if (kept > MOST_KEPT) {
            throw new Refusal(
                    "54000",
                    "this session has more than " + shortened.size()
                            + " prepared statements, whose texts have more than " + MOST_KEPT
                            + " characters however they are shortened",
                    "Close those that are not used any more.");
        }
    }

    private void put(Map<String, SqlText> texts, String name, SqlText text) {
        texts.put(name, text);
        kept += text.length() + ENTRY;
    }

    private @Nullable SqlText take(Map<String, SqlText> texts, String name) {
        SqlText text = texts.remove(name);
        kept -= text == null ? 0 : text.length() + ENTRY;
        return text;
    }

    /** @return what the portal runs */
    SqlText bound(String portal, String statement) {
        SqlText text = statement(statement);
        portals.put(shortened(portal), new Portal(text));
        return text;
    }

    void closed(boolean portal, String name) {
        if (portal) {
            portals.remove(shortened(name));
            return;
        }
        var _ = take(statements, shortened(name));
        var _ = take(shortened, shortened(name));
    }

    /** PREPARE and DEALLOCATE in SQL share their names with Parse and Close. */
    void completed(String tag, StatementInfo statement, SqlText text) throws Refusal {
        switch (tag) {
            case "PREPARE" -> {
                if (statement.named().isPresent()) {
                    parsed(bytes(statement.named().get()), text.only(statement));
                }
            }
            case "DEALLOCATE" -> statement.named().ifPresent(name -> closed(false, bytes(name)));
            case "DEALLOCATE ALL", "DISCARD ALL" -> {
                statements.clear();
                shortened.clear();
                kept = 0;
            }
            // SQL and messages share the names of portals, too.
            case "DECLARE CURSOR", "CLOSE CURSOR" -> statement.named().ifPresent(name -> closed(true, bytes(name)));
            case "CLOSE CURSOR ALL" -> portals.clear();
            default -> {}
        }
    }

    /** Portals end with their transaction. */
    void transactionEnds() {
        if (!portals.isEmpty()) {
            portals.clear();
        }
    }

    SqlText statement(String name) {
        SqlText whole = statements.get(shortened(name));
        SqlText text = whole != null ? whole : shortened.get(shortened(name));
        return text != null ? text : SqlText.unseen("OTHER", "a statement that was prepared out of sight");
    }

    Portal portal(String name) {
        // A cursor that SQL declared is a portal too.
        return portals.computeIfAbsent(
                shortened(name),
                made -> new Portal(SqlText.unseen("OTHER", "a portal that was declared out of sight")));
    }

    /** As PostgreSQL compares it. */
    static String shortened(String name) {
        return name.length() <= MAX_NAME ? name : name.substring(0, MAX_NAME);
    }

    private static String bytes(String name) {
        return new String(name.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    }
}
