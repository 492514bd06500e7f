package dev.espalier.gateway;

import dev.espalier.gateway.Exchange.Portal;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * What the server has under the names of prepared statements and portals, as far as the gateway has seen it being made.
 * Names are as they come in messages, where each byte is a character here.
 */
final class PreparedNames {

    /** PostgreSQL tells names apart by so many bytes (NAMEDATALEN without its end mark). */
    private static final int MAX_NAME = 63;

    private final Map<String, SqlText> statements = new HashMap<>();
    private final Map<String, Portal> portals = new HashMap<>();

    void parsed(String name, SqlText text) {
        statements.put(shortened(name), text);
    }

    void bound(String portal, String statement) {
        portals.put(shortened(portal), new Portal(statement(statement)));
    }

    void closed(boolean portal, String name) {
        (portal ? portals : statements).remove(shortened(name));
    }

    /** PREPARE and DEALLOCATE in SQL share their names with Parse and Close. */
    void completed(String tag, StatementInfo statement, SqlText text) {
        switch (tag) {
            case "PREPARE" -> statement.prepared().ifPresent(name -> parsed(bytes(name), text.only(statement)));
            case "DEALLOCATE" -> statement.prepared().ifPresent(name -> closed(false, bytes(name)));
            case "DEALLOCATE ALL", "DISCARD ALL" -> statements.clear();
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

    private static String shortened(String name) {
        return name.length() <= MAX_NAME ? name : name.substring(0, MAX_NAME);
    }

    private static String bytes(String name) {
        return new String(name.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    }
}
