package dev.espalier.control;

import dev.espalier.control.AccessLists.Usable;
import dev.espalier.control.admission.Sight;
import dev.espalier.control.metastore.Backticks;
import dev.espalier.control.metastore.Catalog;
import dev.espalier.control.metastore.Delegations;
import dev.espalier.control.metastore.Delegations.AgentRole;
import dev.espalier.control.request.Address;
import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.ControlException.Code;
import dev.espalier.identity.Principal;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings a principal to a branch: finds it, wakes it, and makes sure that he has a role of his own there, which nobody else
 * signs in as.
 */
public final class Logins {

    /**
     * Where to go.
     *
     * @param role to sign in as, over the socket in the directory
     * @param owner whose the role is
     * @param agent uid of the service principal that acts for him, where one does
     * @param sight how he sees the database
     * @param looks of the {@link OpenSessions}, before the sight was found
     */
    public record Destination(
            Project project,
            Branch branch,
            Endpoint endpoint,
            String database,
            String role,
            RoleOwner owner,
            Optional<String> agent,
            Sight sight,
            long looks) {

        private Destination with(Sight seen, long looksBefore) {
            return new Destination(project, branch, endpoint, database, role, owner, agent, seen, looksBefore);
        }

        /** Uids of those without whom nothing goes on there. */
        private Set<String> principals() {
            Set<String> uids = new HashSet<>(Set.of(owner.principal()));
            agent.ifPresent(uids::add);
            return uids;
        }

        private OpenSessions.BranchDatabase branchDatabase() {
            return new OpenSessions.BranchDatabase(branch.uid(), database);
        }

        public Path socketDirectory() {
            return endpoint.socketDirectory();
        }
    }

    /** How long a role and a database are taken to be as they were found: somebody may have dropped them since. */
    private static final Duration TRUST = Duration.ofSeconds(10);

    private static final Logger LOG = LoggerFactory.getLogger(Logins.class);

    private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(1);

    /** Reason of the refusal of a destination that was found before something changed: it is to be found again. */
    public static final String CHANGED_MEANWHILE = "CHANGED_MEANWHILE";

    private static final int MOST_SHOWN = 20;

    /** Projects that are asked whether they have a database. */
    private static final int MOST_LOOKED_AT = 20;

    /** Why a destination was not found, by which it is known here. */
    private static final String NO_DATABASE = "NO_DATABASE";

    private record Key(String volume, String endpointUid, String role, RoleOwner owner, String database) {}

    private record RoleOnBranch(String volume, String role) {}

    /**
     * What was found.
     *
     * @param manages whether the role may do everything on the branch
     * @param extensions that the database was found to allow
     * @param epoch of the database's catalog; none where it is not under rules
     * @param oid of the database: another one can come under its name
     */
    private record Found(
            boolean manages,
            Optional<List<String>> extensions,
            OptionalLong epoch,
            long oid,
            Sight sight,
            long looks,
            Instant at) {}

    /** A role that is ready for its principal's session in a database of this OID. */
    private record Ready(Sight sight, long oid) {}

    private final Jdbi jdbi;
    private final AccessLists access;
    private final EndpointTable endpoints;
    private final EndpointRunner runner;
    private final BranchSessions sessions;
    private final Admissions admissions;
    private final StrayDatabases strays;
    private final ReplicaReplay replay;
    private final IdleWatch idleWatch;
    private final OpenSessions open;
    private final Clock clock;
    private final Map<Key, Found> ready = new ConcurrentHashMap<>();
    private final Map<OpenSessions.BranchDatabase, Instant> nextLook = new ConcurrentHashMap<>();

    /** Applications open several sessions at once, and each would make the role. */
    private final OneAtATime<RoleOnBranch> making = new OneAtATime<>();

    Logins(
            Jdbi jdbi,
            AccessLists access,
            EndpointTable endpoints,
            EndpointRunner runner,
            BranchSessions sessions,
            Admissions admissions,
            StrayDatabases strays,
            ReplicaReplay replay,
            IdleWatch idleWatch,
            OpenSessions open,
            Clock clock) {
        this.jdbi = jdbi;
        this.access = access;
        this.endpoints = endpoints;
        this.runner = runner;
        this.sessions = sessions;
        this.admissions = admissions;
        this.strays = strays;
        this.replay = replay;
        this.idleWatch = idleWatch;
        this.open = open;
        this.clock = clock;
    }

    /**
     * Returns when the endpoint is awake and the role is there.
     *
     * @param agent that acts for the principal. In a project that has rules it has a role of its own, and never manages
     * @param only uid of the one endpoint that may be reached
     * @throws ControlException naming the candidates, if the address is unknown or not unique for this principal
     */
    public Destination open(Principal principal, Optional<String> agent, Address address, Optional<String> only) {
        while (true) {
            Usable usable = project(principal, address);
            try {
                return open(principal, agent, address, only, usable);
            } catch (ControlException e) {
                boolean otherThanRemembered = e.reason().equals(NO_DATABASE)
                        && address.branch().isEmpty()
                        && jdbi.withHandle(handle -> ProjectTable.lacksDatabase(
                                handle, usable.project().uid(), address.database()));
                if (!otherThanRemembered || address.project().isPresent()) {
                    throw e;
                }
            }
        }
    }

    private Destination open(
            Principal principal, Optional<String> agent, Address address, Optional<String> only, Usable usable) {
        record Meant(Destination to, Permission permission, boolean withoutRules) {}
        Meant meant = jdbi.withHandle(handle -> {
            Branch branch = branch(handle, usable.project(), address);
            // Before its role: who has been removed since is refused.
            Optional<String> agentUid = agent.flatMap(name -> Delegations.uid(handle, name));
            Optional<AgentRole> agentsRole = agent.flatMap(name ->
                    Delegations.role(handle, principal, name, usable.project().uid()));
            Destination to = new Destination(
                    usable.project(),
                    branch,
                    endpoint(handle, branch, only),
                    address.database(),
                    agentsRole.map(AgentRole::name).orElse(principal.name()),
                    new RoleOwner(principal.id(), agentsRole.map(AgentRole::agent)),
                    agentUid,
                    Sight.FREE,
                    0);
            return new Meant(
                    to,
                    agentsRole.isPresent() ? Permission.CAN_USE : usable.permission(),
                    agent.isPresent() && agentsRole.isEmpty());
        });
        refuseMirror(meant.to().branch());
        runner.wake(meant.to().endpoint().uid());
        if (meant.withoutRules()
                && !admissions.governed(meant.to().project().uid()).isEmpty()) {
            throw new ControlException(
                    Code.TEMPORARILY_UNAVAILABLE,
                    "the project " + meant.to().project().projectId()
                            + " has just come under rules, by which agents have roles of their own. Connect again.");
        }
        return prepare(principal, meant.to(), meant.permission());
    }

    private static void refuseMirror(Branch branch) {
        if (branch.mirror().isPresent()) {
            throw new ControlException(
                    Code.PERMISSION_DENIED,
                    branch.name()
                            + " is a mirror, which nobody signs in to. Make a branch from it, and connect to that: "
                            + "espalier branches create NAME --from " + branch.branchId());
        }
    }

    /**
     * A session there begins. That is use of the endpoint, as its end is, unless the endpoint's policy says otherwise.
     *
     * @param applicationName what its client calls itself
     * @param changed hears how the role sees the database when rules have changed
     * @param removed runs when there is no such principal any more, or no such agent
     * @return ends it
     * @throws ControlException if rules have changed since the destination was found, the principal is gone, or it cannot be woken
     */
    public Runnable enter(Destination to, String applicationName, Consumer<Sight> changed, Runnable removed) {
        idleWatch.visited(to.endpoint().uid(), to.role(), applicationName);
        // Idle until now, it may just be suspended: the visit came too late for that, or keeps it awake.
        runner.wake(to.endpoint().uid());
        Runnable leave = open.enter(to.branchDatabase(), to.role(), to.principals(), changed, removed);
        if (open.looksAt(to.branchDatabase()) != to.looks()) {
            leave.run();
            throw new ControlException(
                    Code.TEMPORARILY_UNAVAILABLE,
                    "the rules of " + to.branch().name() + " have changed during the sign-in. Connect again.",
                    CHANGED_MEANWHILE,
                    Map.of());
        }
        return () -> {
            leave.run();
            idleWatch.visited(to.endpoint().uid(), to.role(), applicationName);
        };
    }

    /**
     * Those who have sessions in the destination's database hear how they see it now: a migration changes that, and tells nobody. One look at a
     * time, and a second after it at the earliest the next; none where the branch's primary does not run.
     */
    public void lookAgain(Destination to) {
        Instant now = clock.instant();
        nextLook.values().removeIf(next -> !next.isAfter(now));
        if (nextLook.putIfAbsent(to.branchDatabase(), Instant.MAX) != null) {
            return;
        }
        try {
            var _ = sessions.ifAwake(to.branch(), to.database(), session -> {
                admissions.tell(session, to.branchDatabase());
                return to;
            });
        } catch (ControlException e) {
            LOG.warn(
                    "{}: sessions do not hear how they see now: {}", to.branch().name(), e.getMessage());
        } finally {
            nextLook.put(to.branchDatabase(), clock.instant().plus(BETWEEN_LOOKS));
        }
    }

    private Endpoint endpoint(Handle handle, Branch branch, Optional<String> only) {
        if (only.isEmpty()) {
            return endpoints.primary(handle, branch.uid());
        }
        return endpoints.ofBranch(handle, branch.uid()).stream()
                .filter(endpoint -> endpoint.uid().equals(only.get()))
                .findFirst()
                .orElseThrow(() -> new ControlException(
                        Code.PERMISSION_DENIED,
                        "the credential is for another endpoint than those of " + branch.name()
                                + ". Ask for one for the endpoint you want to reach."));
    }

    private Usable project(Principal principal, Address address) {
        List<Usable> usable = jdbi.withHandle(handle -> access.usable(handle, principal));
        if (usable.isEmpty() && principal.administrator()) {
            throw new ControlException(
                    Code.NOT_FOUND,
                    "there is no project"
                            + address.project().map(id -> " " + id).orElse("")
                            + ": there is none at all yet. Make one with: espalier projects create NAME");
        }
        if (usable.isEmpty()) {
            throw new ControlException(
                    Code.PERMISSION_DENIED,
                    principal.name() + " has no right to connect to "
                            + address.project().map(id -> "the project " + id).orElse("any project")
                            + ": no access list has this principal or a group that it is in. Ask an administrator for CAN_USE.");
        }
        if (address.project().isPresent()) {
            String id = address.project().get();
            return usable.stream()
                    .filter(one -> one.project().projectId().equals(id))
                    .findFirst()
                    .orElseThrow(() -> new ControlException(
                            Code.NOT_FOUND,
                            "there is no project " + id + " that " + principal.name()
                                    + " has a right to connect to (CAN_USE). " + candidates(usable, address)));
        }
        if (usable.size() == 1) {
            return usable.getFirst();
        }
        Set<String> remembered = jdbi.withHandle(handle -> ProjectTable.withDatabase(handle, address.database()));
        List<Usable> having = usable.stream()
                .filter(one -> remembered.contains(one.project().uid()))
                .toList();
        List<Usable> perhaps = having.isEmpty() ? usable : having;
        if (having.size() != 1 && perhaps.size() <= MOST_LOOKED_AT) {
            // SQL may have made it or dropped it since.
            having = perhaps.stream()
                    .filter(one -> isSeen(one.project(), address)
                            .orElse(remembered.contains(one.project().uid())))
                    .toList();
        }
        if (having.size() == 1) {
            return having.getFirst();
        }
        throw new ControlException(
                Code.INVALID_PARAMETER_VALUE,
                "\"" + address.database() + "\" does not tell which project is meant. "
                        + candidates(having.isEmpty() ? usable : having, address));
    }

    /** Whether the branch that is meant of the project has the database; empty where that cannot be seen without waiting. */
    private Optional<Boolean> isSeen(Project project, Address address) {
        Optional<Branch> meant = jdbi.withHandle(handle -> address.branch().isPresent()
                ? BranchTable.live(handle, project.uid(), address.branch().get())
                : project.defaultBranchUid().flatMap(uid -> BranchTable.byUid(handle, uid)));
        return meant.flatMap(branch -> sessions.ifAtHand(
                branch,
                BranchSessions.HOME,
                session -> BranchSessions.databases(session).contains(address.database())));
    }

    private static String candidates(List<Usable> projects, Address address) {
        return "Write one of: "
                + projects.stream()
                        .limit(MOST_SHOWN)
                        .map(one -> one.project().projectId() + "/" + address.database()
                                + address.branch().map(branch -> "@" + branch).orElse(""))
                        .collect(Collectors.joining(", "))
                + ".";
    }

    private static Branch branch(Handle handle, Project project, Address address) {
        if (address.branch().isEmpty()) {
            return BranchTable.byUid(handle, project.defaultBranchUid().orElseThrow())
                    .orElseThrow();
        }
        String id = address.branch().get();
        return BranchTable.live(handle, project.uid(), id)
                .orElseThrow(() -> new ControlException(
                        Code.NOT_FOUND,
                        "there is no branch " + id + " in the project " + project.projectId() + ". There are: "
                                + String.join(", ", BranchTable.ids(handle, project.uid(), MOST_SHOWN)) + "."));
    }

    /**
     * On a project's list, that list alone says whether somebody may do everything; whom a policy binds may never. What a branch
     * is masked for by itself binds nobody there.
     */
    private Destination prepare(Principal principal, Destination to, Permission permission) {
        List<Catalog> governed = admissions.governed(to.project().uid());
        Optional<Catalog> catalog = governed.stream()
                .filter(one -> one.database().equals(to.database()))
                .findFirst();
        boolean mayOwn = permission == Permission.CAN_MANAGE || admissions.isMaskedFor(to.branch(), to.role());
        boolean manages = mayOwn && !admissions.isBound(to.branch(), governed, to.role());
        catalog.ifPresent(one -> requireUseOfBranch(principal, to, one));
        catalog.ifPresent(one -> requireUpToDate(to, one, primary -> admissions.isUpToDate(primary, one)));
        Key key = new Key(to.branch().volume().value(), to.endpoint().uid(), to.role(), to.owner(), to.database());
        OptionalLong epoch = catalog.map(one -> OptionalLong.of(one.epoch())).orElse(OptionalLong.empty());
        Instant now = clock.instant();
        long looks = open.looksAt(to.branchDatabase());
        Found last = ready.get(key);
        if (last != null
                && last.manages() == manages
                && last.extensions().equals(to.project().extensionsAllowed())
                && last.epoch().equals(epoch)
                && last.looks() == looks
                && !last.at().plus(TRUST).isBefore(now)
                && (catalog.isPresent() || governed.isEmpty() || isStill(last.oid(), to))) {
            return to.with(last.sight(), looks);
        }
        Ready made =
                making.run(new RoleOnBranch(key.volume(), key.role()), () -> makeRole(to, manages, catalog, governed));
        if (to.endpoint().type() == Endpoint.Type.READ_ONLY) {
            // The role is there when the replica has it, too.
            replay.await(to.branch(), primary(to.branch()), to.endpoint().uid());
        }
        jdbi.useHandle(handle -> ProjectTable.hasDatabase(handle, to.project().uid(), to.database()));
        ready.values().removeIf(found -> found.at().plus(TRUST).isBefore(now));
        ready.put(
                key, new Found(manages, to.project().extensionsAllowed(), epoch, made.oid(), made.sight(), looks, now));
        return to.with(made.sight(), looks);
    }

    /** A governed database can have come under the name meanwhile. */
    private boolean isStill(long oid, Destination to) {
        return oid
                == sessions.atHome(to.branch(), to.endpoint(), session -> BranchSessions.oid(session, to.database()));
    }

    /** Makes the role what its principal's sign-in to the database needs. */
    private Ready makeRole(Destination to, boolean manages, Optional<Catalog> catalog, List<Catalog> governed) {
        long oid = sessions.with(to.branch(), BranchSessions.HOME, session -> {
            requireDatabase(session, to);
            open.requireThere(to.principals());
            RoleOwners.claim(session, to.role(), to.owner());
            PrincipalRoles.prepare(session, to.role(), manages);
            return BranchSessions.oid(session, to.database());
        });
        catalog.ifPresent(one -> requireUpToDate(to, one, primary -> admissions.isUpToDate(primary, one, oid)));
        if (to.project().extensionsAllowed().isPresent()) {
            sessions.with(to.branch(), to.database(), session -> {
                Extensions.hold(
                        session, to.project(), to.project().extensionsAllowed().get());
                return to;
            });
        }
        if (governed.isEmpty()) {
            return new Ready(Sight.FREE, oid);
        }
        Sight sight = sessions.with(
                to.branch(),
                to.database(),
                session -> catalog.isPresent()
                        ? admissions.prepareRole(session, to.role())
                        : freeSight(session, to, governed));
        return new Ready(sight, oid);
    }

    private Sight freeSight(Connection session, Destination to, List<Catalog> governed) throws SQLException {
        strays.refuse(session, governed, to.database());
        return Sight.FREE;
    }

    private void requireUseOfBranch(Principal principal, Destination to, Catalog catalog) {
        if (to.branch().isDefault()) {
            return;
        }
        admissions.lackingUseOfBranches(catalog, to.role(), principal).ifPresent(who -> {
            throw new ControlException(
                    Code.PERMISSION_DENIED,
                    who + " may not connect to " + to.branch().name() + ": the catalog " + catalog.name()
                            + " wants USE BRANCH for that, and only the default branch needs none. Ask one who manages"
                            + " it for: GRANT USE BRANCH ON CATALOG " + Backticks.inStatement(catalog.name()) + " TO "
                            + Backticks.around(who));
        });
    }

    private String primary(Branch branch) {
        return jdbi.withHandle(handle -> endpoints.primary(handle, branch.uid()))
                .uid();
    }

    /**
     * A database that has come since the branch was opened is admitted first; policies that are just being made, too.
     *
     * @param isUpToDate tells it by the branch's primary endpoint
     */
    private void requireUpToDate(Destination to, Catalog catalog, Predicate<String> isUpToDate) {
        String primary = primary(to.branch());
        if (!isUpToDate.test(primary)) {
            runner.admitAgain(to.branch(), primary);
            if (!isUpToDate.test(primary)) {
                sessions.with(to.branch(), BranchSessions.HOME, session -> {
                    requireDatabase(session, to);
                    return to;
                });
                throw new ControlException(
                        Code.TEMPORARILY_UNAVAILABLE,
                        to.branch().name() + " is not yet under the rules of the catalog " + catalog.name()
                                + ", which have just changed. Connect again.");
            }
        }
    }

    private static void requireDatabase(Connection session, Destination to) throws SQLException {
        List<String> databases = BranchSessions.databases(session);
        if (!databases.contains(to.database())) {
            throw new ControlException(
                    Code.NOT_FOUND,
                    "there is no database \"" + to.database() + "\" on "
                            + to.branch().name() + ". There are: "
                            + databases.stream().limit(MOST_SHOWN).collect(Collectors.joining(", ")) + ".",
                    NO_DATABASE,
                    Map.of());
        }
    }
}
