package dev.espalier.governance;

import dev.espalier.control.Admission;
import dev.espalier.control.ControlException;
import dev.espalier.control.ControlException.Code;
import dev.espalier.control.LockTable;
import dev.espalier.control.LockWatch;
import dev.espalier.control.Proof;
import dev.espalier.control.ProvedState;
import dev.espalier.control.Sight;
import dev.espalier.control.Stamp;
import dev.espalier.control.metastore.Rules;
import dev.espalier.control.metastore.Subject;
import dev.espalier.governance.Applier.Held;
import dev.espalier.governance.Applier.RelationName;
import dev.espalier.governance.Probe.Check;
import dev.espalier.governance.Probe.Finding;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings a database under the rules and keeps it there. PostgreSQL itself then enforces them, on every path: a principal has no
 * privilege on a table that holds what is masked for him, and finds a view in its place; rows are filtered by policies of the
 * table's own.
 */
public final class Governor implements Admission {

    private static final Logger LOG = LoggerFactory.getLogger(Governor.class);

    /** SQLSTATE lock_not_available. Where readers keep a table whose filter changes, it names the table. */
    private static final String LOCKED = "55P03";

    /** A migration keeps a relation, which is named. */
    private static final String MIGRATING = "EG001";

    /** Deadlock, serialization failure, and what PostgreSQL says where two change the grants of one thing. */
    private static final Set<String> PASSING = Set.of("40P01", "40001", "XX000");

    /** Row filters need a table for themselves. So often it is tried for a second. */
    private static final int ATTEMPTS = 6;

    /** So often readers are waited for. Then they have been too slow, and are ended. */
    private static final int PATIENT_ATTEMPTS = 3;

    /** So often migrations are waited for, each time for a second. */
    private static final int MIGRATION_ATTEMPTS = 20;

    /** So often without ending any. Then whoever is in the way is ended. */
    private static final int PATIENT_MIGRATION_ATTEMPTS = 10;

    /** How long one lock is waited for once there is no more patience: less than PostgreSQL is let wait for it. */
    private static final Duration IMPATIENCE = Duration.ofMillis(500);

    /** How long who signs in waits for one lock. */
    private static final Duration SIGN_IN_PATIENCE = Duration.ofSeconds(3);

    private static final RelationName NOTHING = new RelationName("", "");

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
        Work work = new Work(session, rules, maskedFor);
        work.bringUnder(false);
        List<Finding> findings = Probe.run(session);
        List<String> warnings = new ArrayList<>(work.warnings);
        List<String> events = new ArrayList<>(done);
        events.addAll(work.events);
        if (!findings.isEmpty()) {
            findings.forEach(finding -> events.add("Found and put right: " + finding));
            work.bringUnder(true);
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
                Stream.concat(events.stream(), warnings.stream()).toList(),
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
        Work work = new Work(session, rules, Optional.empty());
        boolean changed = work.bringUnderAtOnce();
        Optional<String> before = Stamps.read(session).map(Stamp::digest);
        List<Finding> findings = Probe.run(session);
        if (!findings.isEmpty()) {
            throw new ControlException(Code.INVALID_STATE, "the rules do not hold: " + words(findings) + ".");
        }
        Proof proof = proof(session, rules, work.events, work.warnings);
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
        session.setAutoCommit(false);
        try (LockWatch watch = new LockWatch(session, SIGN_IN_PATIENCE)) {
            GovernorLock.hold(session);
            watch.begin();
            try (var call = session.prepareStatement("SELECT espalier_governance.prepare(?)")) {
                call.setString(1, principal);
                try (var rows = call.executeQuery()) {
                    rows.next();
                    boolean known = rows.getBoolean(1);
                    session.commit();
                    return known;
                }
            } finally {
                watch.events().forEach(LOG::warn);
            }
        } finally {
            endTransaction(session);
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

    /** One admission. */
    private static final class Work {

        private final Connection session;
        private final Rules rules;
        private final Optional<Masked> masked;
        private final List<String> warnings = new ArrayList<>();

        /** What was done by the way. */
        private final List<String> events = new ArrayList<>();

        /** Who was ended, in all attempts. */
        private final Set<String> ended = new LinkedHashSet<>();

        /** Whether nobody is to be waited for. */
        private boolean atOnce;

        /** What the last attempt has failed for. */
        private RelationName waitedFor = NOTHING;

        Work(Connection session, Rules rules, Optional<Subject> maskedFor) {
            this.session = session;
            this.rules = rules;
            this.masked = maskedFor.map(subject -> new Masked(subject, rules));
        }

        /** @throws ControlException if the database was masked by rules that hide less than those of now */
        private Frame compile(Snapshot snapshot) throws SQLException {
            if (masked.isEmpty()) {
                return Compiler.compile(rules, snapshot);
            }
            // Without a blueprint it was made on the branch, of what is masked there.
            Optional<Blueprint> done = Blueprint.read(session);
            done.ifPresent(blueprint -> masked.get().check(blueprint));
            return masked.get().compile(snapshot, done);
        }

        /** @param anew whether also what seems to be as it should is installed and compiled */
        void bringUnder(boolean anew) throws SQLException {
            boolean first = Installer.installed(session).isEmpty();
            boolean changed;
            try (LockWatch watch = new LockWatch(session, IMPATIENCE)) {
                changed = bringUnder(anew, watch);
                ended.addAll(watch.events());
                events.addAll(watch.events());
            }
            if (changed) {
                tidy();
            }
            if (first) {
                bringUnderWhatWasOpen();
            }
        }

        /** @param watch begun when those who are in the way have been waited for */
        private boolean bringUnder(boolean anew, LockWatch watch) throws SQLException {
            int passing = 0;
            int readers = 0;
            int migrations = 0;
            while (true) {
                try {
                    return tryToBringUnder(anew);
                } catch (SQLException e) {
                    waitedFor = relation(e);
                    if (PASSING.contains(String.valueOf(e.getSQLState()))) {
                        if (++passing == ATTEMPTS) {
                            throw e;
                        }
                    } else if (isLocked(e) && !waitedFor.equals(NOTHING)) {
                        if (++readers == ATTEMPTS) {
                            throw waitedTooLong(
                                    "a row filter cannot be changed, and nobody whom it is for can read its table until then",
                                    e);
                        }
                        close();
                    } else if (isLocked(e) || MIGRATING.equals(e.getSQLState())) {
                        if (++migrations == MIGRATION_ATTEMPTS) {
                            throw waitedTooLong("the rules cannot be put in force", e);
                        }
                    } else {
                        throw e;
                    }
                }
                if (readers >= PATIENT_ATTEMPTS || migrations >= PATIENT_MIGRATION_ATTEMPTS) {
                    watch.begin();
                }
            }
        }

        /** What migrations have made that no hook has seen, because they had begun before there was any. */
        private void bringUnderWhatWasOpen() throws SQLException {
            if (Installer.awaitMigrations(session, Duration.ofSeconds(MIGRATION_ATTEMPTS))) {
                List<String> said = List.copyOf(warnings);
                bringUnder(false);
                said.stream().filter(warning -> !warnings.contains(warning)).forEach(warnings::add);
            }
        }

        /** Where nobody is in the way. */
        boolean bringUnderAtOnce() throws SQLException {
            atOnce = true;
            boolean changed = tryToBringUnder(false);
            if (changed) {
                tidy();
            }
            return changed;
        }

        private void tidy() throws SQLException {
            execute("SELECT espalier_governance.tidy()");
        }

        private ControlException waitedTooLong(String what, SQLException e) throws SQLException {
            String cause = MIGRATING.equals(e.getSQLState())
                    ? "a migration of " + waitedFor.schema() + "." + waitedFor.name() + " has not ended"
                    : "others keep "
                            + (waitedFor.equals(NOTHING)
                                    ? "what they are about"
                                    : waitedFor.schema() + "." + waitedFor.name());
            List<String> suspects = new ArrayList<>();
            try (var query = session.prepareStatement("""
                    SELECT format('a session of %s, process %s', a.usename, a.pid)
                    FROM pg_catalog.pg_stat_activity a
                    WHERE a.datname = current_database() AND a.pid <> pg_catalog.pg_backend_pid() AND EXISTS (
                        SELECT FROM pg_catalog.pg_locks l
                        LEFT JOIN pg_catalog.pg_class c ON c.oid = l.relation
                        LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                        WHERE l.pid = a.pid AND l.granted AND l.locktype = 'relation'
                          AND (l.mode = 'AccessExclusiveLock'
                              OR (n.nspname, c.relname) IN (('espalier_governance', 'relation_lock'), (?, ?))))
                    UNION ALL
                    SELECT format('the prepared transaction %s of %s', x.gid, x.owner)
                    FROM pg_catalog.pg_prepared_xacts x
                    WHERE x.database = current_database()
                    """)) {
                query.setString(1, waitedFor.schema());
                query.setString(2, waitedFor.name());
                try (var rows = query.executeQuery()) {
                    while (rows.next() && suspects.size() < MOST_SHOWN) {
                        suspects.add(rows.getString(1));
                    }
                }
            }
            return new ControlException(
                    Code.TEMPORARILY_UNAVAILABLE,
                    what + ", because " + cause
                            + (suspects.isEmpty() ? "" : ". In the way may be: " + String.join("; ", suspects))
                            + ". Try again when that has ended.",
                    e);
        }

        private boolean tryToBringUnder(boolean anew) throws SQLException {
            session.setAutoCommit(false);
            try {
                if (atOnce) {
                    GovernorLock.holdIfFree(session);
                } else {
                    GovernorLock.hold(session);
                }
                waitBriefly(session);
                execute("SET LOCAL client_min_messages = error");
                execute("SET LOCAL check_function_bodies = on");
                execute("SET LOCAL search_path = pg_catalog, pg_temp");
                // The same few functions run for one relation after the other: to plan them once is enough.
                execute("SET LOCAL plan_cache_mode = force_generic_plan");
                List<String> renamed = Installer.makeRoom(session);
                Optional<String> installed = Installer.installed(session);
                boolean install = anew || !renamed.isEmpty() || !Installer.isCurrent(installed);
                if (install) {
                    Installer.install(session, installed);
                }
                Applier applier = new Applier(session);
                applier.begin();
                Snapshot snapshot = SnapshotReader.read(session, rules);
                Held held = applier.held();
                Frame frame = Continuity.continued(compile(snapshot), held);
                warnings.clear();
                warnings.addAll(frame.warnings());
                events.clear();
                events.addAll(renamed);
                events.addAll(ended);
                boolean apply = install
                        || !frame.hash().equals(held.frame())
                        || snapshot.relations().stream().anyMatch(relation -> !relation.seen());
                if (apply) {
                    execute("SELECT espalier_governance.begin_work()");
                    applier.apply(frame, snapshot, held);
                    execute("SELECT espalier_governance.end_work()");
                } else if (frame.epoch() != held.epoch()) {
                    applier.note(frame.epoch());
                }
                addFailures();
                session.commit();
                return apply;
            } finally {
                endTransaction(session);
            }
        }

        /** What PostgreSQL did not take is shown to nobody. */
        private void addFailures() throws SQLException {
            try (var statement = session.createStatement();
                    var rows = statement.executeQuery(
                            "SELECT principal, reason FROM espalier_governance.shut_out ORDER BY 1")) {
                while (rows.next()) {
                    warnings.add("Shut out: " + rows.getString(1) + ", because " + rows.getString(2) + ".");
                }
            }
            try (var statement = session.createStatement();
                    var rows = statement.executeQuery("""
                            SELECT format('%I.%I', n.nspname, c.relname), min(f.message)
                            FROM espalier_governance.failure f
                            JOIN pg_catalog.pg_class c ON c.oid = f.relid
                            JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                            GROUP BY 1 ORDER BY 1
                            """)) {
                while (rows.next()) {
                    warnings.add("Closed to some: " + rows.getString(1) + ", because " + rows.getString(2) + ".");
                }
            }
            try (var statement = session.createStatement();
                    var rows = statement.executeQuery("""
                            SELECT DISTINCT format('%I.%I: %s', n.nspname, c.relname, o.message)
                            FROM espalier_governance.note o
                            JOIN pg_catalog.pg_class c ON c.oid = o.relid
                            JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                            ORDER BY 1
                            """)) {
                while (rows.next()) {
                    warnings.add(rows.getString(1) + ".");
                }
            }
        }

        /** Lets nobody begin to read the tables whose filters are to change. */
        private void close() throws SQLException {
            if (!Installer.isCurrent(Installer.installed(session))) {
                return;
            }
            session.setAutoCommit(false);
            try {
                GovernorLock.hold(session);
                waitBriefly(session);
                Applier applier = new Applier(session);
                Frame frame = Continuity.continued(compile(SnapshotReader.read(session, rules)), applier.held());
                applier.closeFiltered(frame);
                session.commit();
            } catch (SQLException e) {
                // Then its readers are waited for with the table open.
                if (!isLocked(e) && !PASSING.contains(String.valueOf(e.getSQLState()))) {
                    throw e;
                }
            } finally {
                endTransaction(session);
            }
        }

        private void execute(String sql) throws SQLException {
            try (var statement = session.createStatement()) {
                statement.execute(sql);
            }
        }
    }

    /**
     * Where a migration and a change of the rules wait for each other, it is the change that gives way and is tried again: it looks for that at once,
     * and waits no longer than PostgreSQL lets a migration wait before that looks.
     */
    private static void waitBriefly(Connection session) throws SQLException {
        try (var statement = session.createStatement()) {
            statement.execute("SET LOCAL lock_timeout = '1s'");
            statement.execute("SET LOCAL deadlock_timeout = '10ms'");
        }
    }

    private static boolean isLocked(SQLException e) {
        return LOCKED.equals(e.getSQLState());
    }

    private static RelationName relation(SQLException e) {
        ServerErrorMessage said = e instanceof PSQLException thrown ? thrown.getServerErrorMessage() : null;
        return said == null || said.getSchema() == null || said.getTable() == null
                ? NOTHING
                : new RelationName(said.getSchema(), said.getTable());
    }

    private static void endTransaction(Connection session) throws SQLException {
        session.rollback();
        session.setAutoCommit(true);
    }

    private static String text(Connection session, String query) throws SQLException {
        try (var statement = session.createStatement();
                var rows = statement.executeQuery(query)) {
            rows.next();
            return rows.getString(1);
        }
    }
}
