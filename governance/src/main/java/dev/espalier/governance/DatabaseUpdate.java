package dev.espalier.governance;

import dev.espalier.control.metastore.Rules;
import dev.espalier.control.metastore.Subject;
import dev.espalier.control.request.ControlException;
import dev.espalier.governance.Applier.Held;
import dev.espalier.governance.Snapshot.QualifiedName;
import dev.espalier.postgres.LockWatch;
import dev.espalier.postgres.Transactions;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One time that a database is brought under rules. */
final class DatabaseUpdate {

    private static final Logger LOG = LoggerFactory.getLogger(DatabaseUpdate.class);

    /** How much of it is made. */
    enum Extent {
        /** What is not as the rules of now have it. */
        WHAT_CHANGED,
        /** Also what seems to be as it should. */
        ALL_ANEW
    }

    /** Most attempts of a transaction that fails by what passes by itself, such as a deadlock. */
    private static final int ATTEMPTS = 6;

    /** Most attempts to get a table whose row filter changes; each waits a second for it. */
    private static final int READER_ATTEMPTS = 6;

    /** After so many of these, readers of the table that keep it are ended. */
    private static final int PATIENT_READER_ATTEMPTS = 3;

    /** Most attempts while a migration, or whoever else holds a lock, is in the way; each waits a second for it. */
    private static final int MIGRATION_ATTEMPTS = 20;

    /** After so many of these, whoever is in the way is ended. */
    private static final int PATIENT_MIGRATION_ATTEMPTS = 10;

    /** How long one lock is waited for once there is no more patience: less than PostgreSQL is let wait for it. */
    private static final Duration IMPATIENCE = Duration.ofMillis(500);

    private final Connection session;
    private final Rules rules;
    private final Optional<MirrorRules> mirrorRules;
    private final List<String> warnings = new ArrayList<>();

    /** What was done by the way. */
    private final List<String> events = new ArrayList<>();

    /** Who was ended, in all attempts. */
    private final Set<String> ended = new LinkedHashSet<>();

    /** Whether nobody is to be waited for. */
    private boolean atOnce;

    /** What the last attempt has failed for, if its error was about a relation. */
    private Optional<QualifiedName> waitedFor = Optional.empty();

    DatabaseUpdate(Connection session, Rules rules, Optional<Subject> maskedFor) {
        this.session = session;
        this.rules = rules;
        this.mirrorRules = maskedFor.map(subject -> new MirrorRules(subject, rules));
    }

    /** What somebody should know of the database now. */
    List<String> warnings() {
        return List.copyOf(warnings);
    }

    /** What was done by the way. */
    List<String> events() {
        return List.copyOf(events);
    }

    /** @throws ControlException if the database was masked by rules that hide less than those of now */
    private Frame compile(Snapshot snapshot) throws SQLException {
        if (mirrorRules.isEmpty()) {
            return Compiler.compile(rules, snapshot);
        }
        // Without a blueprint it was made on the branch, of what is masked there.
        Optional<Blueprint> done = Blueprint.read(session);
        done.ifPresent(blueprint -> mirrorRules.get().check(blueprint));
        return mirrorRules.get().compile(snapshot, done);
    }

    /** Waits for who is in the way, and in the end ends him. */
    void bringUnder(Extent extent) throws SQLException {
        boolean first = Installer.installed(session).isEmpty();
        boolean changed;
        try (LockWatch watch = new LockWatch(session, IMPATIENCE)) {
            changed = bringUnderOrTell(extent, watch);
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

    private boolean bringUnderOrTell(Extent extent, LockWatch watch) throws SQLException {
        try {
            return bringUnder(extent, watch);
        } catch (SQLException | RuntimeException e) {
            // An update that has failed tells nobody of its events.
            watch.events().forEach(LOG::warn);
            throw e;
        }
    }

    /**
     * @param watch begun when those who are in the way have been waited for
     * @return whether anything has changed but the number of the rules
     */
    private boolean bringUnder(Extent extent, LockWatch watch) throws SQLException {
        int passing = 0;
        int readers = 0;
        int migrations = 0;
        while (true) {
            try {
                return tryToBringUnder(extent);
            } catch (SQLException e) {
                waitedFor = UpdateErrors.relation(e);
                if (UpdateErrors.passes(e)) {
                    if (++passing == ATTEMPTS) {
                        throw e;
                    }
                } else if (UpdateErrors.isLocked(e) && waitedFor.isPresent()) {
                    if (++readers == READER_ATTEMPTS) {
                        throw WaitedTooLong.refusal(
                                session,
                                "a row filter cannot be changed, and nobody whom it is for can read its table until then",
                                waitedFor,
                                e);
                    }
                    close();
                } else if (UpdateErrors.isLocked(e) || UpdateErrors.isMigrating(e)) {
                    if (++migrations == MIGRATION_ATTEMPTS) {
                        throw WaitedTooLong.refusal(session, "the rules cannot be put in force", waitedFor, e);
                    }
                } else {
                    throw e;
                }
            }
            if (readers >= PATIENT_READER_ATTEMPTS || migrations >= PATIENT_MIGRATION_ATTEMPTS) {
                watch.begin();
            }
        }
    }

    /** What migrations have made that no hook has seen, because they had begun before there was any. */
    private void bringUnderWhatWasOpen() throws SQLException {
        if (Installer.awaitMigrations(session, Duration.ofSeconds(MIGRATION_ATTEMPTS))) {
            List<String> said = List.copyOf(warnings);
            bringUnder(Extent.WHAT_CHANGED);
            said.stream().filter(warning -> !warnings.contains(warning)).forEach(warnings::add);
        }
    }

    /** Where nobody is in the way. */
    boolean bringUnderAtOnce() throws SQLException {
        atOnce = true;
        boolean changed = tryToBringUnder(Extent.WHAT_CHANGED);
        if (changed) {
            tidy();
        }
        return changed;
    }

    private void tidy() throws SQLException {
        execute("SELECT espalier_governance.tidy()");
    }

    /** @return whether anything has changed but the number of the rules */
    private boolean tryToBringUnder(Extent extent) throws SQLException {
        return Transactions.committed(session, () -> {
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
            boolean install = extent == Extent.ALL_ANEW || !renamed.isEmpty() || !Installer.isCurrent(installed);
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
                applier.setEpoch(frame.epoch());
            }
            warnings.addAll(UncompiledParts.warnings(session));
            return apply;
        });
    }

    /** Lets nobody begin to read the tables whose filters are to change. */
    private void close() throws SQLException {
        if (!Installer.isCurrent(Installer.installed(session))) {
            return;
        }
        try {
            Transactions.commit(session, () -> {
                GovernorLock.hold(session);
                waitBriefly(session);
                Applier applier = new Applier(session);
                Frame frame = Continuity.continued(compile(SnapshotReader.read(session, rules)), applier.held());
                applier.closeFiltered(frame);
            });
        } catch (SQLException e) {
            // Then its readers are waited for with the table open.
            if (!UpdateErrors.isLocked(e) && !UpdateErrors.passes(e)) {
                throw e;
            }
        }
    }

    private void execute(String sql) throws SQLException {
        try (var statement = session.createStatement()) {
            statement.execute(sql);
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
}
