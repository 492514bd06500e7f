package dev.espalier.control;

import dev.espalier.control.admission.Governance;
import dev.espalier.control.metastore.DirectoryChanges;
import dev.espalier.control.metastore.Metastore;
import dev.espalier.control.metastore.RulesReader;
import dev.espalier.control.replay.StatementHistory;
import dev.espalier.control.replay.StatementTexts;
import dev.espalier.control.setting.ControlSettings;
import dev.espalier.engine.Engine;
import dev.espalier.journal.metering.UsageMeter;
import dev.espalier.postgres.Installations;
import dev.espalier.postgres.ServerLog;
import dev.espalier.storage.Space;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jdbi.v3.core.ConnectionException;
import org.jdbi.v3.core.Jdbi;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Everything that exists, and all that can be asked of it. {@link #start} brings rows and volumes together and begins the
 * watches; {@link #close} ends them and stops every server.
 */
public final class ControlPlane implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ControlPlane.class);
    private static final long REAP_MS = 1_000;
    private static final long SNAPSHOT_MS = 1_000;
    private static final long SETTLE_MS = 1_000;
    private static final long IDLE_MS = 5_000;
    private static final long MIRROR_MS = 1_000;
    private static final long PROOF_MS = 1_000;
    private static final long THIN_MS = 60_000;
    private static final long STOP_SECONDS = 60;
    private static final long UPKEEP_MS = 600_000;
    private static final long PORTS_MS = 1_000;

    /** A transaction of a reader of the database system. */
    private static final Duration LONGEST_READ = Duration.ofMinutes(10);

    private final Engine engine;
    private final Jdbi jdbi;
    private final Installations installations;
    private final SystemStatus.Facts facts;
    private final EndpointTable endpointTable;
    private final UsageWatch usage;
    private final EndpointRunner runner;
    private final WarmSessions warm;
    private final Operations operations;
    private final History history;
    private final Projects projects;
    private final Branches branches;
    private final BranchInsight insight;
    private final Endpoints endpoints;
    private final ClusterChanges changes;
    private final Roles roles;
    private final ControlDatabase database;
    private final Databases databases;
    private final Calls calls;
    private final Principals principals;
    private final Directory directory;
    private final SystemReaders systemReaders;
    private final Secrets secrets;
    private final AccessLists access;
    private final Logins logins;
    private final Metastore metastore;
    private final Attestations attestations;
    private final Function<StatementTexts, PolicyReplay> replay;
    private final BranchPorts ports;
    private final IdleWatch idleWatch;
    private final ProofWatch proofWatch;
    private final CrashWatch crashWatch;
    private final MirrorWatch mirrorWatch;
    private final RulesInForce inForce;
    private final OpenSessions openSessions;
    private final ClockGuard guard;
    private final Reaper reaper;
    private final Reconciler reconciler;
    private final ScheduledExecutorService watches = Executors.newScheduledThreadPool(
            4, Thread.ofPlatform().name("watch-", 0).factory());

    /** Looks at what is used wait for no other watch, and go on while a stop waits for what is at work. */
    private final ScheduledExecutorService usageLooks = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("usage-watch").factory());

    private final Instant started;

    public ControlPlane(
            ControlDatabase database,
            Engine engine,
            Installations installations,
            ControlSettings settings,
            Clock clock,
            SystemStatus.Facts facts,
            Calls.Witness witness,
            UsageMeter meter,
            Governance governance) {
        this.database = database;
        this.engine = engine;
        this.jdbi = database.jdbi();
        this.installations = installations;
        this.facts = facts;
        this.started = clock.instant();
        Uids uids = new Uids();
        Locks locks = new Locks();
        this.endpointTable = new EndpointTable(engine);
        Finder finder = new Finder(endpointTable);
        OperationEnds ends = new OperationEnds(witness, clock);
        ChangeCount changeCount = new ChangeCount(Path.of(facts.dataDirectory()));
        this.operations = new Operations(jdbi, clock, uids, ends, changeCount);
        BranchSpace space = new BranchSpace(engine, jdbi, endpointTable, clock);
        this.usage = new UsageWatch(engine, jdbi, space, meter, clock);
        RulesReader rulesReader = new RulesReader(jdbi);
        this.openSessions = new OpenSessions();
        this.warm = new WarmSessions(engine);
        Admissions admissions = new Admissions(warm, rulesReader, governance.admission(), openSessions);
        ReplicaReplay replicaReplay = new ReplicaReplay(engine, rulesReader);
        StrayDatabases strays = new StrayDatabases(governance.admission());
        this.runner = new EndpointRunner(
                engine, jdbi, endpointTable, locks, usage, admissions, replicaReplay, settings, clock);
        this.guard = new ClockGuard(
                clock,
                System::nanoTime,
                jdbi.withHandle(ClockGuard.Known::read),
                known -> jdbi.useHandle(known::write));
        this.history = new History(engine, jdbi, endpointTable, runner, locks, settings, clock, guard, changeCount);
        BranchRules rules = new BranchRules(jdbi, clock);
        MirrorFeeds feeds = new MirrorFeeds(engine);
        MirrorWork mirrors = new MirrorWork(
                engine,
                jdbi,
                finder,
                endpointTable,
                runner,
                rulesReader,
                governance.masking(),
                feeds,
                history,
                locks,
                uids,
                clock);
        MirrorCopies copies = new MirrorCopies(engine, jdbi, endpointTable, runner, governance.masking(), feeds);
        BranchWork branchWork = new BranchWork(
                engine, jdbi, finder, endpointTable, runner, history, locks, uids, rules, mirrors, copies, clock);
        BranchRemoval branchRemoval = new BranchRemoval(
                engine, jdbi, finder, endpointTable, runner, history, locks, settings, rules, clock, changeCount);
        ProjectWork projectWork =
                new ProjectWork(engine, jdbi, finder, runner, branchRemoval, rules, history, locks, settings, clock);
        BranchSessions sessions = new BranchSessions(jdbi, endpointTable, runner, engine, warm, locks);
        this.projects =
                new Projects(engine, jdbi, finder, endpointTable, operations, projectWork, installations, uids, clock);
        this.branches = new Branches(
                jdbi, finder, endpointTable, operations, branchWork, branchRemoval, rules, mirrors, uids, clock);
        RoleNames roleNames = new RoleNames(jdbi, sessions);
        this.insight = new BranchInsight(jdbi, finder, space, sessions, admissions, strays, roleNames, history);
        this.endpoints = new Endpoints(engine, jdbi, finder, endpointTable, runner, operations, locks, uids, clock);
        this.changes = new ClusterChanges(jdbi, finder, operations, sessions);
        this.roles = new Roles(jdbi, finder, changes, sessions, admissions);
        this.databases = new Databases(jdbi, finder, changes, sessions, roles);
        this.calls = new Calls(jdbi, clock, settings, witness);
        this.principals = new Principals(jdbi);
        this.inForce = new RulesInForce(jdbi, runner, locks);
        DirectoryChanges directoryChanges = new DirectoryChanges(jdbi, rulesReader, inForce, governance.functions());
        this.systemReaders = new SystemReaders(jdbi, database.socketDirectory().isPresent());
        this.directory = new Directory(jdbi, directoryChanges, systemReaders::settle, openSessions::remove);
        this.secrets = new Secrets(jdbi, directory, clock);
        this.access = new AccessLists(jdbi, finder, directoryChanges);
        this.mirrorWatch = new MirrorWatch(engine, jdbi, endpointTable, runner, feeds, locks);
        this.proofWatch = new ProofWatch(jdbi, endpointTable, runner, admissions.proved());
        this.crashWatch = new CrashWatch(engine, jdbi, endpointTable, runner, locks, clock);
        this.idleWatch = new IdleWatch(engine, jdbi, endpointTable, runner, locks, clock);
        this.logins = new Logins(
                jdbi,
                access,
                endpointTable,
                runner,
                sessions,
                admissions,
                strays,
                replicaReplay,
                idleWatch,
                openSessions,
                clock);
        BranchInventory inventory = new BranchInventory(jdbi, sessions, roleNames);
        this.metastore = new Metastore(jdbi, rulesReader, inventory, inventory, inForce, governance.functions(), clock);
        this.attestations = new Attestations(
                jdbi, finder, endpointTable, runner, sessions, admissions, strays, governance.statements(), clock);
        this.replay = texts -> new PolicyReplay(
                engine,
                branches,
                metastore.policySets(),
                rulesReader,
                governance.admission(),
                texts,
                new StatementHistory(jdbi),
                clock);
        this.ports = new BranchPorts(jdbi, finder, clock);
        this.reaper = new Reaper(jdbi, operations, branchRemoval, projectWork, clock, guard);
        this.reconciler = new Reconciler(engine, jdbi, endpointTable, ends, changeCount);
    }

    /**
     * Cleans up after the last process, wakes the endpoints that never sleep, and begins the watches.
     *
     * @param dataIdentity name of the data directory that no other has
     * @throws IllegalStateException if the control database belongs to another data directory, or is older than the data
     */
    public void start(String dataIdentity) {
        reconciler.run(dataIdentity);
        changes.finishInterrupted();
        metastore.start();
        for (Endpoint endpoint : jdbi.withHandle(endpointTable::alwaysOn)) {
            try {
                runner.wake(endpoint.uid());
            } catch (RuntimeException e) {
                LOG.error("{} does not run: {}", endpoint.name(), e.getMessage(), e);
            }
        }
        alongIntervals("usage watch", usage::lookAtEndpoints);
        alongIntervals("storage watch", usage::lookAtBranches);
        every(usage.betweenLooks().toMillis(), "measuring of branches", usage::measureBranches);
        every(REAP_MS, "reaper", reaper::reap);
        every(PORTS_MS, "ports", ports::settle);
        every(SNAPSHOT_MS, "snapshots", history::takeDue);
        every(SETTLE_MS, "settling", engine::settle);
        every(IDLE_MS, "idle watch", idleWatch::look);
        every(IDLE_MS, "crash watch", crashWatch::look);
        every(PROOF_MS, "proof watch", proofWatch::look);
        every(MIRROR_MS, "mirror watch", mirrorWatch::look);
        every(IDLE_MS, "rules watch", inForce::tryAgain);
        every(IDLE_MS, "system database watch", () -> {
            systemReaders.settle();
            systemReaders.endTransactionsLongerThan(LONGEST_READ);
        });
        every(THIN_MS, "watch for sessions of removed principals", this::endSessionsOfRemoved);
        every(THIN_MS, "thinning", history::thin);
        every(THIN_MS, "space watch", this::warnWhenNearlyFull);
        every(THIN_MS, "log watch", engine::trimLogs);
        every(THIN_MS, "log watch of the database system", database::trimLog);
        every(
                THIN_MS,
                "watch of the server's own log",
                () -> ServerLog.trim(Path.of(facts.home(), "log", "server.log")));
        every(UPKEEP_MS, "upkeep of calls", () -> {
            if (guard.believes()) {
                calls.forgetOld();
            }
        });
        every(UPKEEP_MS, "sweep", engine::sweep);
        every(UPKEEP_MS, "sync", runner::sync);
    }

    /** @throws ConnectionException while the control database cannot be asked because its server has ended */
    public void requireDatabase() {
        database.requireServer();
    }

    /** That one has been removed may have been told to nobody, as where the answer to the commit was lost. */
    private void endSessionsOfRemoved() {
        Set<String> principals = openSessions.principals();
        principals.removeAll(jdbi.withHandle(handle -> handle.select("SELECT uid FROM control.principal")
                .mapTo(String.class)
                .set()));
        principals.forEach(openSessions::remove);
    }

    private void every(long milliseconds, String name, Runnable watch) {
        var _ = watches.scheduleWithFixedDelay(guarded(name, watch), milliseconds, milliseconds, TimeUnit.MILLISECONDS);
    }

    /** So that a look falls together with the end of each interval of usage. */
    private void alongIntervals(String name, Runnable watch) {
        var _ = usageLooks.scheduleAtFixedRate(
                guarded(name, watch),
                usage.untilFirstLook().toMillis(),
                usage.betweenLooks().toMillis(),
                TimeUnit.MILLISECONDS);
    }

    private Runnable guarded(String name, Runnable watch) {
        return () -> {
            try {
                watch.run();
            } catch (ConnectionException e) {
                // While its own server has ended, that is told by whoever starts it again.
                if (database.runs()) {
                    LOG.warn("the {} is tried again: {}", name, e.getMessage());
                }
            } catch (RuntimeException e) {
                LOG.error("the {} failed and is tried again: {}", name, e.getMessage(), e);
            }
        };
    }

    private void warnWhenNearlyFull() {
        nearlyFull(engine.space()).ifPresent(LOG::warn);
    }

    private static Optional<String> nearlyFull(Space space) {
        return space.used() < Engine.NEARLY_FULL
                ? Optional.empty()
                : Optional.of(String.format(
                        "the storage is %d %% full, %d MiB are left; from %d %% on no new branch can be made. Delete branches, or "
                                + "give it more room.",
                        Math.round(space.used() * 100), space.freeBytes() >> 20, Math.round(Engine.FULL * 100)));
    }

    public Projects projects() {
        return projects;
    }

    public Branches branches() {
        return branches;
    }

    public BranchInsight insight() {
        return insight;
    }

    public Endpoints endpoints() {
        return endpoints;
    }

    public Roles roles() {
        return roles;
    }

    public Databases databases() {
        return databases;
    }

    public Operations operations() {
        return operations;
    }

    public Calls calls() {
        return calls;
    }

    public Principals principals() {
        return principals;
    }

    public Directory directory() {
        return directory;
    }

    public SystemReaders systemReaders() {
        return systemReaders;
    }

    public Secrets secrets() {
        return secrets;
    }

    public AccessLists access() {
        return access;
    }

    public Logins logins() {
        return logins;
    }

    public Metastore metastore() {
        return metastore;
    }

    public Attestations attestations() {
        return attestations;
    }

    /**
     * Replays statements under proposed policies.
     *
     * @param texts reads them as the gateway does
     */
    public PolicyReplay replay(StatementTexts texts) {
        return replay.apply(texts);
    }

    /** Meters what is used now, without waiting for the next look. */
    public void meter() {
        usage.lookAtEndpoints();
        usage.lookAtBranches();
        usage.measureBranches();
    }

    public BranchPorts ports() {
        return ports;
    }

    /** What runs, on what, now. */
    public SystemStatus status() {
        Space space = engine.space();
        int projectCount = count("SELECT count(*) FROM control.project WHERE delete_time IS NULL");
        int branchCount = count("SELECT count(*) FROM control.branch WHERE delete_time IS NULL");
        Map<Integer, SystemStatus.Installation> postgres = installations.all().entrySet().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey,
                        entry -> new SystemStatus.Installation(
                                entry.getValue().version(),
                                entry.getValue().home().toString())));
        return new SystemStatus(
                facts.version(),
                facts.home(),
                facts.dataDirectory(),
                facts.backend(),
                facts.backendReason(),
                space.totalBytes(),
                space.freeBytes(),
                postgres,
                started,
                nearlyFull(space),
                guard.restsUntil(),
                projectCount,
                branchCount,
                engine.running().size());
    }

    private int count(String sql) {
        return jdbi.withHandle(handle -> handle.select(sql).mapTo(Integer.class).one());
    }

    @Override
    public void close() {
        end(watches);
        operations.close();
        idleWatch.close();
        history.close();
        end(usageLooks);
        usage.end();
        warm.close();
        engine.stopAll();
        try {
            runner.sync();
        } catch (RuntimeException e) {
            LOG.warn("what branches have written is synced by the next start: {}", e.getMessage());
        }
    }

    /** What a watch is doing now uses what is closed next. */
    private static void end(ScheduledExecutorService watches) {
        watches.shutdown();
        try {
            if (!watches.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS)) {
                LOG.warn("a watch is still at work after {} s and is left to itself", STOP_SECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
