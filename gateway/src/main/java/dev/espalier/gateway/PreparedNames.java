package dev.espalier.gateway;

import dev.espalier.gateway.Exchange.Portal;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * What the server has under the names of prepared statements and portals, as far as the gateway has seen it being made.
 * Names are as they come in messages, where each byte is a character here, as far as PostgreSQL tells them apart.
 */
final class PreparedNames {

    /** PostgreSQL tells names apart by so many bytes (NAMEDATALEN without its end mark). */
    static final int MAX_NAME = 63;

    private final KeptTexts kept;
    private final Map<String, SqlText> statements = new HashMap<>();
    private final Map<String, Portal> portals = new HashMap<>();

    PreparedNames(KeptTexts kept) {
        this.kept = kept;
    }

    void parsed(String name, SqlText text) {
        closed(false, name);
        statements.put(name, text);
        kept.hold(text);
    }

    /** @return what the portal runs */
    SqlText bound(String portal, String statement) {
        SqlText text = statement(statement);
        kept.used(text);
        begins(portal, text);
        return text;
    }

    private Portal begins(String name, SqlText text) {
        Portal made = new Portal(text);
        Portal before = portals.put(name, made);
        if (before == null) {
            kept.beginsEntry();
        } else {
            kept.release(before.text);
        }
        kept.hold(text);
        return made;
    }

    void closed(boolean portal, String name) {
        if (portal) {
            Portal closed = portals.remove(name);
            if (closed != null) {
                ends(closed);
            }
        } else {
            SqlText text = statements.remove(name);
            if (text != null) {
                kept.release(text);
            }
        }
    }

    private void ends(Portal portal) {
        kept.endsEntry();
        kept.release(portal.text);
    }

    /** PREPARE and DEALLOCATE in SQL share their names with Parse and Close, and cursors share theirs with portals. */
    void completed(String tag, StatementInfo statement, SqlText text) {
        switch (tag) {
            case "PREPARE" -> {
                if (statement.named().isPresent()) {
                    parsed(bytes(statement.named().get()), text.only(statement));
                }
            }
            case "DEALLOCATE" -> statement.named().ifPresent(name -> closed(false, bytes(name)));
            case "DEALLOCATE ALL", "DISCARD ALL" -> {
                statements.values().forEach(kept::release);
                statements.clear();
            }
            case "DECLARE CURSOR", "CLOSE CURSOR" -> statement.named().ifPresent(name -> closed(true, bytes(name)));
            case "CLOSE CURSOR ALL" -> transactionEnds();
            default -> {}
        }
    }

    /** Portals end with their transaction. */
    void transactionEnds() {
        if (!portals.isEmpty()) {
            portals.values().forEach(this::ends);
            portals.clear();
        }
    }

    SqlText statement(String name) {
        SqlText text = statements.get(name);
        return text != null ? text : SqlText.unseen("OTHER", "a statement that was prepared out of sight");
    }

    /** The portal that is executed now. */
    Portal portal(String name) {
        Portal known = portals.get(name);
        // A cursor that SQL declared is a portal too.
        return known != null ? known : begins(name, declaredOutOfSight());
    }

    /** What the portal would run. */
    SqlText textOfPortal(String name) {
        Portal known = portals.get(name);
        return known != null ? known.text : declaredOutOfSight();
    }

    private static SqlText declaredOutOfSight() {
        return SqlText.unseen("OTHER", "a portal that was declared out of sight");
    }

    /** As PostgreSQL compares it. */
    private static String bytes(String name) {
        byte[] utf8 = name.getBytes(StandardCharsets.UTF_8);
        return new String(utf8, 0, Math.min(utf8.length, MAX_NAME), StandardCharsets.ISO_8859_1);
    }
}
