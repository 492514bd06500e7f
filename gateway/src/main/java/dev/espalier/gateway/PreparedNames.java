package dev.espalier.gateway;

import dev.espalier.gateway.Exchange.Portal;
import dev.espalier.gateway.Exchange.Prepared;
import dev.espalier.gateway.StatementRecord.Outcome;
import dev.espalier.gateway.StatementRecord.Outcome.Failed;
import dev.espalier.gateway.StatementRecord.Outcome.Lost;
import dev.espalier.gateway.StatementRecord.Outcome.Unexecuted;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the server has under the names of prepared statements and portals, as far as the gateway has seen it being made.
 * Names are as they come in messages, where each byte is a character here, as far as PostgreSQL tells them apart.
 */
final class PreparedNames {

    /** PostgreSQL tells names apart by so many bytes (NAMEDATALEN without its end mark). */
    static final int MAX_NAME = 63;

    /** How far what was never executed has come, as its record says it. */
    private static final Unexecuted PARSED = new Unexecuted("PARSE");

    private static final Unexecuted BOUND = new Unexecuted("BIND");

    private final KeptTexts kept;
    private final Recorder recorder;
    private final Meter meter;

    /** In the order in which they came. */
    private final Map<String, Prepared> statements = new LinkedHashMap<>();

    private final Map<String, Portal> portals = new LinkedHashMap<>();

    /** What becomes of what is never executed, where the server has not told whether it has made it. */
    private @Nullable Lost lost;

    /** Portals that one record can stand for. */
    private record Alike(SqlText text, Outcome unexecuted) {}

    /** Records what goes without having been executed. */
    PreparedNames(KeptTexts kept, Recorder recorder, Meter meter) {
        this.kept = kept;
        this.recorder = recorder;
        this.meter = meter;
    }

    /** The server has answered nothing of what comes from now on. */
    void lost(Lost outcome) {
        lost = outcome;
    }

    /** @param came when, by {@link System#nanoTime} */
    void parsed(String name, SqlText text, long came) throws Refusal {
        prepared(name, new Prepared(text, came, meter.now(), unexecuted(PARSED)));
    }

    private Outcome unexecuted(Unexecuted answered) {
        return lost != null ? lost : answered;
    }

    private void prepared(String name, Prepared made) throws Refusal {
        Prepared before = statements.put(name, made);
        kept.hold(made.text);
        if (before != null) {
            ends(before);
        }
    }

    /**
     * @param came when, by {@link System#nanoTime}
     * @return what the portal runs
     */
    SqlText bound(String portal, String statement, long came) throws Refusal {
        SqlText text = shown(false, statement);
        kept.used(text);
        begins(portal, new Portal(text, came, meter.now(), unexecuted(BOUND)));
        return text;
    }

    private Portal begins(String name, Portal made) throws Refusal {
        Portal before = portals.put(name, made);
        kept.beginsEntry();
        kept.hold(made.text);
        if (before != null) {
            ends(before);
        }
        return made;
    }

    void closed(boolean portal, String name) throws Refusal {
        if (portal) {
            Portal closed = portals.remove(name);
            if (closed != null) {
                ends(closed);
            }
        } else {
            Prepared closed = statements.remove(name);
            if (closed != null) {
                ends(closed);
            }
        }
    }

    private void ends(Portal portal) throws Refusal {
        release(portal);
        if (!portal.shown) {
            neverExecuted(portal, portal.text.and(portal.more));
        }
    }

    private void release(Portal portal) {
        kept.endsEntry();
        kept.release(portal.text);
    }

    private void ends(Prepared statement) throws Refusal {
        kept.release(statement.text);
        if (!statement.shown) {
            neverExecuted(statement, statement.ranInSql ? statement.text : statement.text.neverRun());
        }
    }

    private void neverExecuted(Prepared gone, SqlText text) throws Refusal {
        recorder.neverRan(text, meter.prepared(gone.came, gone.answered), 0, gone.unexecuted);
    }

    /** A statement has run, or may have, unless it failed; EXECUTE runs another, which may be an EXECUTE itself. */
    void ran(StatementInfo statement, Outcome outcome) {
        Prepared inner = outcome instanceof Failed ? null : executed(statement);
        while (inner != null && !inner.ranInSql) {
            inner.ranInSql = true;
            inner = executed(inner.text.statement(0));
        }
    }

    private @Nullable Prepared executed(StatementInfo statement) {
        return isExecute(statement) ? statements.get(name(statement)) : null;
    }

    private static boolean isExecute(StatementInfo statement) {
        return statement.type().equals("EXECUTE");
    }

    private static String name(StatementInfo statement) {
        return statement.named().map(PreparedNames::bytes).orElse("");
    }

    /** PREPARE and DEALLOCATE in SQL share their names with Parse and Close, and cursors share theirs with portals. */
    void completed(String tag, StatementInfo statement, SqlText text) throws Refusal {
        // EXECUTE completes as what it runs, which names something else.
        String name = isExecute(statement) ? "" : name(statement);
        switch (tag) {
            case "PREPARE" -> {
                if (!name.isEmpty()) {
                    prepared(name, new Prepared(text.only(statement), 0, 0, PARSED));
                    shown(false, name);
                }
            }
            case "DEALLOCATE" -> closedInSql(false, name);
            case "DEALLOCATE ALL", "DISCARD ALL" -> statementsEnd();
            case "DECLARE CURSOR", "CLOSE CURSOR" -> closedInSql(true, name);
            // Another transaction may have begun when the server tells next whether one is open. ROLLBACK may be one to
            // a savepoint.
            case "CLOSE CURSOR ALL", "COMMIT", "PREPARE TRANSACTION" -> transactionEnds();
            default -> {}
        }
    }

    private void closedInSql(boolean portal, String name) throws Refusal {
        if (!name.isEmpty()) {
            closed(portal, name);
        }
    }

    /**
     * Portals end with their transaction. There may be very many of one long text, which are recorded here all at once: those that go
     * without having been executed have one record together.
     */
    void transactionEnds() throws Refusal {
        gatherUnexecuted();
        for (var left = portals.values().iterator(); left.hasNext(); ) {
            Portal portal = left.next();
            left.remove();
            ends(portal);
        }
    }

    private void gatherUnexecuted() {
        Map<Alike, Portal> firsts = new HashMap<>();
        portals.values().removeIf(portal -> {
            Portal first = portal.shown ? null : firsts.putIfAbsent(new Alike(portal.text, portal.unexecuted), portal);
            if (first == null) {
                return false;
            }
            first.more++;
            release(portal);
            return true;
        });
    }

    private void statementsEnd() throws Refusal {
        for (var left = statements.values().iterator(); left.hasNext(); ) {
            Prepared statement = left.next();
            left.remove();
            ends(statement);
        }
    }

    void sessionEnds() throws Refusal {
        transactionEnds();
        statementsEnd();
    }

    SqlText statement(String name) {
        Prepared known = statements.get(name);
        return known != null ? known.text : preparedOutOfSight();
    }

    private static SqlText preparedOutOfSight() {
        return SqlText.unseen("OTHER", "a statement that was prepared out of sight");
    }

    /** The portal that is executed now. */
    Portal portal(String name) throws Refusal {
        Portal known = portals.get(name);
        if (known == null) {
            // A cursor that SQL declared is a portal too.
            known = begins(name, new Portal(declaredOutOfSight(), 0, 0, BOUND));
        }
        known.shown = true;
        return known;
    }

    /** What has the name, for a record that shows it. */
    SqlText shown(boolean ofPortal, String name) {
        Prepared known = ofPortal ? portals.get(name) : statements.get(name);
        if (known != null) {
            known.shown = true;
        }
        return known != null ? known.text : ofPortal ? declaredOutOfSight() : preparedOutOfSight();
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
