package dev.espalier.governance;

import dev.espalier.control.admission.Admission;
import dev.espalier.control.admission.Proof;
import dev.espalier.control.admission.ProvedState;
import dev.espalier.control.admission.Sight;
import dev.espalier.control.admission.Stamp;
import dev.espalier.control.metastore.Rules;
import dev.espalier.control.metastore.Subject;
import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.ControlException.Code;
import dev.espalier.governance.DatabaseUpdate.Extent;
import dev.espalier.governance.Probe.Check;
import dev.espalier.governance.Probe.Finding;
import dev.espalier.postgres.LockTable;
import dev.espalier.postgres.LockWatch;
import dev.espalier.postgres.Transactions;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings a database under the rules and keeps it there. PostgreSQL itself then enforces them, on every path: a principal has no
 * privilege on a table that holds what is masked for him, and finds a view in its place; rows are filtered by policies of the
 * table's own.
 */
public final class Governor implements Admission {

    private static final Logger LOG = LoggerFactory.getLogger(Governor.class);

    /** How long who signs in waits for one lock. */
    private static final Duration SIGN_IN_PATIENCE = Duration.ofSeconds(3);

    private static final int MOST_SHOWN = 10;

    @Override
    public Proof admit(Connection session, Rules rules, Optional<Subject> maskedFor) throws SQLException {
        List<String> madeRoom = new ArrayList<>();
        return LockTable.withRoom(session, madeRoom::add, () -> admit(session, rules, maskedFor, madeRoom));
    }

    /** @param done what was done before */
    private static Proof admit(Connection session, Rules rules, Optional<Subject> maskedFor, List<String> done)
            throws SQLException {
        Optional<String> installed = Installer.installed(session);
        if (rules.isEmpty() && installed.isEmpty()) {
            return new Proof(false, rules.epoch(), "", List.of(), List.of(), List.of());
        }
        DatabaseUpdate update = new DatabaseUpdate(session, rules, maskedFor);
        update.bringUnder(Extent.WHAT_CHANGED);
        List<Finding> findings = Probe.run(session);
        List<String> warnings = new ArrayList<>(update.warnings());
        List<String> events = new ArrayList<>(done);
        events.addAll(update.events());
        if (!findings.isEmpty()) {
            findings.forEach(finding -> events.add("Found and put right: " + finding));
            update.bringUnder(Extent.ALL_ANEW);
            findings = Probe.run(session);
        }
        if (!findings.isEmpty()) {
            throw new ControlException(
                    Code.INVALID_STATE,
                    "nobody can be let in to this database, because the rules would not hold: " + words(findings)
                            + ". Put right what is named, as the database's superuser, and open the branch again.");
        }
        return proof(session, rules, events, warnings);
    }

    private static String words(List<Finding> findings) {
        return findings.stream().limit(MOST_SHOWN).map(Finding::toString).collect(Collectors.joining("; "))
                + (findings.size() > MOST_SHOWN ? "; and " + (findings.size() - MOST_SHOWN) + " more" : "");
    }

    private static Proof proof(Connection session, Rules rules, List<String> events, List<String> warnings)
            throws SQLException {
        return new Proof(
                !rules.isEmpty(),
                rules.epoch(),
                text(session, "SELECT espalier_governance.frame_hash()"),
                // Where no rules are left, nobody is kept from anything: that nothing was found proves nothing.
                rules.isEmpty()
                        ? List.of()
                        : Probe.CHECKS.stream().map(Check::meaning).toList(),
                warnings,
                events);
    }

    @Override
    public Optional<Stamp> stamp(Connection session) throws SQLException {
        return Stamps.read(session);
    }

    @Override
    public Remembered remember(Connection session, Rules rules) throws SQLException {
        if (rules.isEmpty() || Stamps.read(session).isEmpty()) {
            return new Remembered(false, Optional.empty());
        }
        DatabaseUpdate update = new DatabaseUpdate(session, rules, Optional.empty());
        boolean changed = update.bringUnderAtOnce();
        Optional<String> before = Stamps.read(session).map(Stamp::digest);
        List<Finding> findings = Probe.run(session);
        if (!findings.isEmpty()) {
            throw new ControlException(Code.INVALID_STATE, "the rules do not hold: " + words(findings) + ".");
        }
        Proof proof = proof(session, rules, update.events(), update.warnings());
        return new Remembered(
                changed,
                Stamps.renew(session)
                        .filter(after -> before.equals(Optional.of(after.digest())))
                        .map(after -> new ProvedState(after, proof)));
    }

    @Override
    public Sight prepareRole(Connection session, String principal) throws SQLException {
        if (Installer.installed(session).isEmpty()) {
            return Sight.FREE;
        }
        if (!LockTable.withRoom(session, LOG::warn, () -> settle(session, principal))) {
            throw unknown(principal);
        }
        try (var call = session.prepareStatement("SELECT espalier_governance.set_path(?)")) {
            call.setString(1, principal);
            call.execute();
        }
        return SightReader.read(session, principal);
    }

    /** @return whether the rules know the principal */
    private static boolean settle(Connection session, String principal) throws SQLException {
        try (LockWatch watch = new LockWatch(session, SIGN_IN_PATIENCE)) {
            try {
                return Transactions.committed(session, () -> {
                    GovernorLock.hold(session);
                    watch.begin();
                    try (var call = session.prepareStatement("SELECT espalier_governance.prepare(?)")) {
                        call.setString(1, principal);
                        try (var rows = call.executeQuery()) {
                            rows.next();
                            return rows.getBoolean(1);
                        }
                    }
                });
            } finally {
                watch.events().forEach(LOG::warn);
            }
        }
    }

    @Override
    public Optional<String> catalog(Connection session) throws SQLException {
        return Installer.installed(session).isEmpty()
                ? Optional.empty()
                : Optional.of(text(session, "SELECT catalog FROM espalier_governance.state"))
                        .filter(name -> !name.isEmpty());
    }

    @Override
    public Sight sight(Connection session, String principal) throws SQLException {
        return Installer.installed(session).isEmpty() ? Sight.FREE : SightReader.read(session, principal);
    }

    private static ControlException unknown(String principal) {
        return new ControlException(
                Code.TEMPORARILY_UNAVAILABLE,
                "the rules that this database is under do not know " + principal + " yet. Sign in again in a moment.");
    }

    private static String text(Connection session, String query) throws SQLException {
        try (var statement = session.createStatement();
                var rows = statement.executeQuery(query)) {
            rows.next();
            return rows.getString(1);
        }
    }
}
