package dev.espalier.gateway;

import dev.espalier.gateway.Exchange.Portal;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What the server has under the names of prepared statements and portals, as far as the gateway has seen it being made.
 * Names are as they come in messages, where each byte is a character here.
 */
final class PreparedNames {

    /** PostgreSQL tells names apart by so many bytes (NAMEDATALEN without its end mark). */
    private static final int MAX_NAME = 63;

    /** Characters of texts that are kept for one session: a text may have a mebibyte, and a session any number of them. */
    private static final int MOST_KEPT = 2 << 20;

    /** In the order in which they were prepared. */
    private final Map<String, SqlText> statements = new LinkedHashMap<>();

    private int kept;
    private final Map<String, Portal> portals = new HashMap<>();

    void parsed(String name, SqlText text) {
        closed(false, name);
        statements.put(shortened(name), text);
        kept += text.length();
        while (kept > MOST_KEPT) {
            closed(false, statements.keySet().iterator().next());
        }
    }

    void bound(String portal, String statement) {
        portals.put(shortened(portal), new Portal(statement(statement)));
    }

    void closed(boolean portal, String name) {
        if (portal) {
            portals.remove(shortened(name));
            return;
        }
        SqlText text = statements.remove(shortened(name));
        if (text != null) {
            kept -= text.length();
        }
    }

    /** PREPARE and DEALLOCATE in SQL share their names with Parse and Close. */
    void completed(String tag, StatementInfo statement, SqlText text) {
        switch (tag) {
            case "PREPARE" -> statement.prepared().ifPresent(name -> parsed(bytes(name), text.only(statement)));
            case "DEALLOCATE" -> statement.prepared().ifPresent(name -> closed(false, bytes(name)));
            case "DEALLOCATE ALL", "DISCARD ALL" -> {
                statements.clear();
                kept = 0;
            }
            // SQL and messages share the names of portals, too.
            case "DECLARE CURSOR", "CLOSE CURSOR", "CLOSE CURSOR ALL" -> portals.clear();
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
        SqlText text = statements.get(shortened(name));
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
