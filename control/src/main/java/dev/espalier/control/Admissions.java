package dev.espalier.control;

import dev.espalier.control.admission.Admission;
import dev.espalier.control.admission.Masking;
import dev.espalier.control.admission.Proof;
import dev.espalier.control.admission.Sight;
import dev.espalier.control.admission.Stamp;
import dev.espalier.control.metastore.BranchPrivileges;
import dev.espalier.control.metastore.Catalog;
import dev.espalier.control.metastore.Rules;
import dev.espalier.control.metastore.RulesSource;
import dev.espalier.control.metastore.Subject;
import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.ControlException.Code;
import dev.espalier.identity.Principal;
import dev.espalier.postgres.LockTable;
import dev.espalier.postgres.LockWatch;
import dev.espalier.postgres.PostgresException;
import dev.espalier.postgres.SqlState;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the databases of a branch under the rules of their catalogs, on a server that runs. Of a project that has none under
 * rules nothing is asked but that.
 */
final class Admissions {

    private static final Logger LOG = LoggerFactory.getLogger(Admissions.class);

    /** How long a role is waited for that somebody is changing. Less than {@code UnixSockets} lets a session wait. */
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    /**
     * @param epoch of the rules that the database was brought under
     * @param oid of the database: another one can come under its name
     */
    private record Admitted(String catalogUid, long epoch, long oid) {}

    private final WarmSessions warm;
    private final RulesSource rules;
    private final Admission admission;
    private final OpenSessions open;
    private final Map<EndpointDatabase, Admitted> admitted = new ConcurrentHashMap<>();
    private final ProvedStates proved = new ProvedStates();

    Admissions(WarmSessions warm, RulesSource rules, Admission admission, OpenSessions open) {
        this.warm = warm;
        this.rules = rules;
        this.admission = admission;
        this.open = open;
    }

    /**
     * Brings every database of the branch that a catalog under rules stands for under the rules of now. One that is in a state that has
     * been proved under these is there.
     *
     * @param endpointUid of its read-write endpoint, which runs, and which nobody else admits at the same time
     * @param again whether it was under rules already, which change: changes come in rows
     * @return what was proved, by database
     * @throws ControlException if one of them cannot be brought there: nobody may be let in
     */
    Map<String, Proof> admit(Branch branch, String endpointUid, boolean again) {
        List<Catalog> catalogs = rules.governed(branch.projectUid());
        Map<String, Proof> proofs = new TreeMap<>();
        if (catalogs.isEmpty()) {
            return proofs;
        }
        admitted.keySet().removeIf(each -> each.endpointUid().equals(endpointUid));
        Optional<Subject> maskedFor = maskedFor(branch);
        if (!again && maskedFor.isEmpty()) {
            Optional<Map<String, Proof>> known = recognized(branch, endpointUid, catalogs);
            if (known.isPresent()) {
                return known.get();
            }
        }
        Set<String> there = confine(branch, endpointUid, catalogs, again, true);
        for (Catalog catalog : catalogs) {
            if (there.contains(catalog.database())) {
                Rules wanted = rules.of(catalog);
                at(branch, endpointUid, catalog.database(), again, words(catalog), session -> {
                    Proof proof = admission.admit(session, wanted, maskedFor);
                    tell(branch, catalog, proof);
                    proofs.put(catalog.database(), proof);
                    noteAdmitted(session, branch, endpointUid, catalog, wanted.epoch());
                });
            }
        }
        if (maskedFor.isEmpty()) {
            if (again) {
                proved.changed(branch.uid());
            } else {
                proved.opened(branch);
            }
        }
        return proofs;
    }

    private static void tell(Branch branch, Catalog catalog, Proof proof) {
        proof.events().forEach(event -> tell(branch, catalog.database(), event));
    }

    private static void tell(Branch branch, String database, String event) {
        LOG.warn("{}, {}: {}", branch.name(), database, event);
    }

    /**
     * Takes from the roles of whom the rules bind what is not theirs; returns the databases.
     *
     * @param ends whether who is in the way is ended, as one who has prepared a change of his role
     */
    private Set<String> confine(
            Branch branch, String endpointUid, List<Catalog> catalogs, boolean again, boolean ends) {
        Set<String> there = new HashSet<>();
        Set<String> bound = new HashSet<>();
        Optional<Subject> maskedFor = maskedFor(branch);
        catalogs.forEach(catalog -> bound.addAll(bound(maskedFor, catalog)));
        at(branch, endpointUid, BranchSessions.HOME, again, "its roles", session -> {
            there.addAll(BranchSessions.databases(session));
            if (ends) {
                boolean _ = LockTable.withRoom(session, event -> tell(branch, BranchSessions.HOME, event), () -> {
                    confineAgainstWhoIsInTheWay(branch, session, bound);
                    return true;
                });
            } else {
                PrincipalRoles.confine(session, bound);
            }
        });
        return there;
    }

    private static void confineAgainstWhoIsInTheWay(Branch branch, Connection session, Set<String> bound)
            throws SQLException {
        try (LockWatch watch = new LockWatch(session, PATIENCE)) {
            watch.begin();
            try {
                PrincipalRoles.confine(session, bound);
            } finally {
                watch.events().forEach(event -> tell(branch, BranchSessions.HOME, event));
            }
        }
    }

    /** Those who have sessions in the database hear how they see it now. */
    void tell(Connection session, OpenSessions.BranchDatabase database) throws SQLException {
        open.tell(database, role -> admission.sight(session, role));
    }

    private void noteAdmitted(Connection session, Branch branch, String endpointUid, Catalog catalog, long epoch)
            throws SQLException {
        open.look(
                new OpenSessions.BranchDatabase(branch.uid(), catalog.database()),
                role -> admission.sight(session, role));
        admitted.put(
                new EndpointDatabase(endpointUid, catalog.database()),
                new Admitted(catalog.uid(), epoch, BranchSessions.oid(session, catalog.database())));
    }

    /**
     * The proofs of all databases of the branch that are under rules, if each is in a state that has been proved under the rules of now.
     * The roles, which are a part of it, are then as well.
     */
    private Optional<Map<String, Proof>> recognized(Branch branch, String endpointUid, List<Catalog> catalogs) {
        Map<String, Proof> proofs = new TreeMap<>();
        if (catalogs.stream().noneMatch(catalog -> proved.knows(RulesVersion.of(catalog, catalogs)))) {
            return Optional.empty();
        }
        for (Catalog catalog : catalogs) {
            RulesVersion version = RulesVersion.of(catalog, catalogs);
            try {
                boolean known = warm.with(endpointUid, catalog.database(), false, session -> {
                    Optional<Proof> proof = admission.stamp(session).flatMap(stamp -> proved.find(stamp, version));
                    if (proof.isPresent()) {
                        proofs.put(catalog.database(), proof.get());
                        noteAdmitted(
                                session,
                                branch,
                                endpointUid,
                                catalog,
                                proof.get().epoch());
                    }
                    return proof.isPresent();
                });
                if (!known) {
                    return Optional.empty();
                }
            } catch (SQLException | PostgresException e) {
                if (!(e instanceof SQLException failure
                        && SqlState.INVALID_CATALOG_NAME.equals(failure.getSQLState()))) {
                    LOG.debug("{} is proved in full: {}", branch.name(), e.getMessage());
                    return Optional.empty();
                }
            }
        }
        return Optional.of(proofs).filter(there -> !there.isEmpty());
    }

    ProvedStates proved() {
        return proved;
    }

    /**
     * Proves the databases of a branch that is open, and remembers in which states they are; what changes meanwhile is not remembered. Nobody
     * is ended for it, or waited for longer than a second.
     *
     * @param endpointUid of its read-write endpoint, which runs, and which nobody else admits at the same time
     * @throws ControlException if the rules do not hold; {@code TEMPORARILY_UNAVAILABLE} if somebody is in the way
     */
    void remember(Branch branch, String endpointUid) {
        List<Catalog> catalogs = rules.governed(branch.projectUid());
        if (catalogs.isEmpty() || branch.maskedFor().isPresent()) {
            return;
        }
        Set<String> there = confine(branch, endpointUid, catalogs, false, false);
        for (Catalog catalog : catalogs) {
            if (there.contains(catalog.database())) {
                remember(branch, endpointUid, catalog, RulesVersion.of(catalog, catalogs));
            }
        }
    }

    private void remember(Branch branch, String endpointUid, Catalog catalog, RulesVersion version) {
        Rules wanted = rules.of(catalog);
        try {
            boolean _ = warm.with(endpointUid, catalog.database(), false, session -> {
                Optional<Stamp> stamp = admission.stamp(session);
                if (stamp.isEmpty() || proved.find(stamp.get(), version).isPresent()) {
                    return false;
                }
                Admission.Remembered remembered = admission.remember(session, wanted);
                if (remembered.changed()) {
                    noteAdmitted(session, branch, endpointUid, catalog, wanted.epoch());
                }
                remembered.state().ifPresent(now -> {
                    tell(branch, catalog, now.proof());
                    proved.add(now, version);
                });
                return true;
            });
        } catch (SQLException | PostgresException e) {
            throw new ControlException(
                    Code.TEMPORARILY_UNAVAILABLE,
                    "somebody is in the way in " + catalog.database() + ": " + e.getMessage(),
                    e);
        }
    }

    private static String words(Catalog catalog) {
        return "the rules of the catalog " + catalog.name();
    }

    /**
     * Whether a policy of one of the project's catalogs binds the principal on the branch: where that is masked already, only what
     * is not done by that.
     */
    boolean isBound(Branch branch, List<Catalog> governed, String principal) {
        Optional<Subject> maskedFor = maskedFor(branch);
        return governed.stream().anyMatch(catalog -> bound(maskedFor, catalog).contains(principal));
    }

    /** Whether the branch is masked for the principal, so that he may own what is on it. */
    boolean isMaskedFor(Branch branch, String principal) {
        return branch.maskedFor().isPresent()
                && rules.subject(branch.projectUid(), principal)
                        .filter(subject ->
                                subject.names().contains(branch.maskedFor().get()))
                        .isPresent();
    }

    private Set<String> bound(Optional<Subject> maskedFor, Catalog catalog) {
        return maskedFor.map(subject -> rules.of(catalog).boundBeside(subject)).orElseGet(() -> rules.bound(catalog));
    }

    private Optional<Subject> maskedFor(Branch branch) {
        return branch.maskedFor()
                .map(name -> rules.subject(branch.projectUid(), name)
                        .orElseThrow(() -> new ControlException(
                                Code.INVALID_STATE,
                                branch.name() + " is masked for " + name
                                        + ", who is gone: it is not opened any more. Delete it.",
                                Masking.MASKED_BEFORE,
                                Map.of())));
    }

    /** Who lacks USE_BRANCH, as {@link BranchPrivileges#lackingUse} has it. */
    Optional<String> lackingUseOfBranches(Catalog catalog, String role, Principal principal) {
        return BranchPrivileges.lackingUse(catalog, rules.of(catalog), role, principal);
    }

    /** The catalogs of the project whose databases are under rules. */
    List<Catalog> governed(String projectUid) {
        return rules.governed(projectUid);
    }

    /** Whether the database has been brought under the rules of now on this endpoint since it was started. */
    boolean isUpToDate(String endpointUid, Catalog catalog) {
        return Optional.ofNullable(admitted.get(new EndpointDatabase(endpointUid, catalog.database())))
                .filter(known -> known.catalogUid().equals(catalog.uid()) && known.epoch() >= catalog.epoch())
                .isPresent();
    }

    /** As {@link #isUpToDate}, and it was this database, and not another one that had the name then. */
    boolean isUpToDate(String endpointUid, Catalog catalog, long oid) {
        Admitted known = admitted.get(new EndpointDatabase(endpointUid, catalog.database()));
        return isUpToDate(endpointUid, catalog) && known != null && known.oid() == oid;
    }

    /** Gives the principal's role what the rules give him in this database. */
    Sight prepareRole(Connection session, String principal) throws SQLException {
        return admission.prepareRole(session, principal);
    }

    @FunctionalInterface
    private interface SessionTask {
        void in(Connection session) throws SQLException;
    }

    private void at(Branch branch, String endpointUid, String database, boolean keeps, String what, SessionTask task) {
        try {
            boolean _ = warm.with(endpointUid, database, keeps, session -> {
                task.in(session);
                return true;
            });
        } catch (SQLException | PostgresException | ControlException e) {
            throw refused(branch, database, what, e);
        }
    }

    private static ControlException refused(Branch branch, String database, String what, Exception cause) {
        ControlException refused = new ControlException(
                Code.INVALID_STATE,
                branch.name() + " is not opened, because its database " + database + " cannot be brought under " + what
                        + ": " + cause.getMessage(),
                cause instanceof ControlException known ? known.reason() : "",
                Map.of());
        refused.initCause(cause);
        return refused;
    }
}
