package dev.espalier.control;

import dev.espalier.control.admission.Masking;
import dev.espalier.control.admission.Proof;
import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.ControlException.Code;
import dev.espalier.control.setting.ControlSettings;
import dev.espalier.engine.Cluster;
import dev.espalier.engine.ComputeSpec;
import dev.espalier.engine.Engine;
import dev.espalier.engine.Recovery;
import dev.espalier.postgres.Lsn;
import dev.espalier.postgres.PostgresException;
import dev.espalier.postgres.ServerSettings.Durability;
import dev.espalier.storage.VolumeName;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Starts and stops the servers of endpoints, as their rows say they should be. */
final class EndpointRunner {

    private static final Logger LOG = LoggerFactory.getLogger(EndpointRunner.class);

    private static final String REPAIR =
            "Reset the branch, restore it to an earlier moment, or delete it; of a replica, "
                    + "delete the endpoint and make it again.";

    private final Engine engine;
    private final Jdbi jdbi;
    private final EndpointTable endpoints;
    private final Locks locks;
    private final UsageWatch usage;
    private final Admissions admissions;
    private final ReplicaReplay replay;
    private final ControlSettings settings;
    private final Clock clock;
    private final OneAtATime<String> waking = new OneAtATime<>();

    EndpointRunner(
            Engine engine,
            Jdbi jdbi,
            EndpointTable endpoints,
            Locks locks,
            UsageWatch usage,
            Admissions admissions,
            ReplicaReplay replay,
            ControlSettings settings,
            Clock clock) {
        this.engine = engine;
        this.jdbi = jdbi;
        this.endpoints = endpoints;
        this.locks = locks;
        this.usage = usage;
        this.admissions = admissions;
        this.replay = replay;
        this.settings = settings;
        this.clock = clock;
    }

    /**
     * Makes sure that the endpoint runs; whoever comes while it starts waits for the same start.
     *
     * @throws ControlException if it may not run
     */
    void wake(String endpointUid) {
        if (engine.isOpen(endpointUid)) {
            return;
        }
        Endpoint endpoint = jdbi.withHandle(handle -> endpoints.byUid(handle, endpointUid))
                .orElseThrow(() -> new ControlException(Code.NOT_FOUND, "the endpoint is gone. List the endpoints."));
        try (var _ = locks.shared(endpoint.branchUid())) {
            wakeHeld(endpointUid);
        }
    }

    /** As {@link #wake}, for a caller who holds the branch. */
    void wakeHeld(String endpointUid) {
        boolean _ = waking.run(endpointUid, () -> {
            if (!engine.isRunning(endpointUid)) {
                startAsItIs(endpointUid);
            }
            return true;
        });
    }

    /**
     * Does what reads the files of a cluster, for a caller who holds its branch, so that one that runs is not suspended. One at rest
     * is kept at rest until that is done: a copy that is begun of files at rest must not go on beside a server that writes to them.
     *
     * @param work with the cluster, and its server if it runs
     */
    <T> T reading(VolumeName volume, String primaryUid, Function<Cluster, T> work) {
        Cluster open = engine.cluster(volume, primaryUid);
        // One that starts may be stopped again before it is open.
        if (open.server().isPresent() && engine.isOpen(primaryUid)) {
            return work.apply(open);
        }
        Supplier<T> rest = waking.run(primaryUid, () -> {
            Cluster settled = engine.cluster(volume, primaryUid);
            if (settled.server().isPresent()) {
                return () -> work.apply(settled);
            }
            if (engine.ended().contains(primaryUid)) {
                engine.endOrphans(volume);
            }
            T done = work.apply(settled);
            return () -> done;
        });
        return rest.get();
    }

    private void startAsItIs(String endpointUid) {
        record Row(Branch branch, Project project, Endpoint endpoint, boolean mustDetach) {}
        Row row = jdbi.withHandle(handle -> {
            Endpoint endpoint = endpoints.byUid(handle, endpointUid).orElseThrow();
            Branch branch = BranchTable.byUid(handle, endpoint.branchUid()).orElseThrow();
            return new Row(
                    branch,
                    ProjectTable.byUid(handle, branch.projectUid()).orElseThrow(),
                    endpoint,
                    BranchTable.mustDetach(handle, branch.uid(), Optional.empty()));
        });
        if (row.endpoint().disabled()) {
            throw new ControlException(
                    Code.INVALID_STATE,
                    row.endpoint().name() + " is disabled. Update it with spec.disabled=false to let it run.");
        }
        if (row.branch().state() != Branch.State.READY) {
            throw new ControlException(
                    Code.INVALID_STATE,
                    row.branch().name() + " is " + row.branch().state() + ". Only READY branches run.");
        }
        refuseDamaged(row.endpoint());
        if (row.endpoint().type() == Endpoint.Type.READ_ONLY) {
            if (row.endpoint().replicaVolume().isEmpty()) {
                throw new ControlException(
                        Code.TEMPORARILY_UNAVAILABLE,
                        row.endpoint().name() + " is still being made. Try again when its operation is done.");
            }
            // The end of the log is only with the primary: without it the replica would show an older state.
            wakeHeld(jdbi.withHandle(
                            handle -> endpoints.primary(handle, row.branch().uid()))
                    .uid());
        }
        jdbi.useHandle(handle -> mark(handle, row.endpoint()));
        try {
            if (row.endpoint().type() == Endpoint.Type.READ_WRITE) {
                startPrimary(row.project(), row.branch(), row.endpoint(), row.mustDetach());
            } else {
                startReplica(row.project(), row.branch(), row.endpoint());
            }
            open(row.endpoint());
        } catch (PostgresException e) {
            engine.stop(endpointUid);
            throw new ControlException(
                    Code.TEMPORARILY_UNAVAILABLE,
                    e.getMessage() + " Try again; if it stays so, the data of "
                            + row.endpoint().name() + " may be damaged. " + REPAIR,
                    e);
        } catch (RuntimeException e) {
            // What runs and lets nobody in would be taken for awake.
            engine.stop(endpointUid);
            throw e;
        }
    }

    private void startPrimary(Project project, Branch branch, Endpoint endpoint, boolean mustDetach) {
        if (mustDetach) {
            Lsn detached = startCopy(project, branch, endpoint, Optional.empty(), false);
            jdbi.useHandle(handle -> BranchTable.detached(handle, branch.uid(), detached));
        } else if (branch.mirror().isPresent()) {
            // It takes nothing before the rules of now are asked.
            ComputeSpec spec = spec(project, branch, endpoint);
            engine.startCalm(spec);
            admitOrEnd(branch, endpoint.uid(), false);
            engine.letWork(spec);
            return;
        } else {
            engine.start(spec(project, branch, endpoint));
        }
        admitOrEnd(branch, endpoint.uid(), false);
    }

    private void startReplica(Project project, Branch branch, Endpoint endpoint) {
        engine.start(spec(project, branch, endpoint));
        String primary = jdbi.withHandle(handle -> endpoints.primary(handle, branch.uid()))
                .uid();
        replay.awaitRules(branch, primary, endpoint.uid());
    }

    /**
     * Brings the databases of the branch under the rules of now. To be called before {@link #open}; the server runs.
     *
     * @throws ControlException if that fails: the branch must not be opened
     */
    void admit(Branch branch, Endpoint primary) {
        var _ = admissions.admit(now(branch), primary.uid(), false);
    }

    /** For whom a branch is masked may have got another name since it was read. */
    private Branch now(Branch branch) {
        return jdbi.withHandle(handle -> BranchTable.byUid(handle, branch.uid()))
                .orElse(branch);
    }

    /** A mirror that today's rules do not admit never goes on: what it would take now is masked by the rules of then. */
    private Map<String, Proof> admitOrEnd(Branch branch, String primaryUid, boolean again) {
        Branch now = now(branch);
        try {
            return admissions.admit(now, primaryUid, again);
        } catch (ControlException e) {
            if (e.reason().equals(Masking.MASKED_BEFORE)) {
                if (!now(branch).maskedFor().equals(now.maskedFor())) {
                    return admitOrEnd(branch, primaryUid, again);
                }
                if (branch.mirror().isPresent()) {
                    String reason = String.valueOf(e.getMessage());
                    jdbi.useHandle(handle -> MirrorTable.change(handle, branch.uid(), Mirror.outOfDate(reason)));
                }
            }
            throw e;
        }
    }

    /**
     * As {@link #admit}, while the branch is open, for a caller who holds it or not. The endpoint is woken where it sleeps and
     * replicas of it run: they read what it has brought under the rules. A replica that does not follow is suspended alone.
     *
     * @return what was proved, by database; empty where nothing of the branch runs
     */
    Optional<Map<String, Proof>> admitAgain(Branch branch, String primaryUid) {
        try (var _ = locks.shared(branch.uid())) {
            List<Endpoint> behind = new ArrayList<>();
            Optional<Map<String, Proof>> admitted = waking.run(primaryUid, () -> {
                if (!engine.isRunning(primaryUid)) {
                    if (runningReplicas(branch).isEmpty()) {
                        return Optional.empty();
                    }
                    startAsItIs(primaryUid);
                }
                Map<String, Proof> proofs = admitOrEnd(branch, primaryUid, true);
                runningReplicas(branch).stream()
                        .filter(replica -> !follows(branch, primaryUid, replica))
                        .forEach(behind::add);
                behind.forEach(replica -> suspend(replica.uid()));
                return Optional.of(proofs);
            });
            // Not while the primary is held: who wakes a replica waits for it.
            behind.forEach(this::wakeIfItNeverSleeps);
            return admitted;
        }
    }

    /** As {@link Admissions#remember}, where it is open; false if others hold the branch. */
    boolean remember(Branch branch, String primaryUid) {
        Optional<Locks.Held> shared = locks.tryShared(branch.uid());
        if (shared.isEmpty()) {
            return false;
        }
        try (var _ = shared.get()) {
            return waking.run(primaryUid, () -> {
                if (engine.isOpen(primaryUid)) {
                    admissions.remember(branch, primaryUid);
                }
                return true;
            });
        }
    }

    private boolean follows(Branch branch, String primaryUid, Endpoint replica) {
        try {
            replay.awaitRules(branch, primaryUid, replica.uid());
            return true;
        } catch (RuntimeException e) {
            LOG.warn("{} is suspended: {}", replica.name(), e.getMessage(), e);
            return false;
        }
    }

    private List<Endpoint> runningReplicas(Branch branch) {
        return jdbi.withHandle(handle -> endpoints.ofBranch(handle, branch.uid())).stream()
                .filter(endpoint -> endpoint.type() == Endpoint.Type.READ_ONLY && engine.isRunning(endpoint.uid()))
                .toList();
    }

    /** Whether the machine went down while the endpoint wrote without fsync. */
    boolean isDamaged(Endpoint endpoint) {
        return jdbi.withHandle(handle -> endpoints.unsyncedBoot(handle, endpoint.uid()))
                .filter(boot -> !boot.equals(Boot.id()))
                .isPresent();
    }

    /** @throws ControlException if the machine went down while the endpoint wrote without fsync */
    void refuseDamaged(Endpoint endpoint) {
        if (isDamaged(endpoint)) {
            throw new ControlException(
                    Code.INVALID_STATE,
                    "the machine went down while " + endpoint.name()
                            + " wrote without fsync, as branches that can be made "
                            + "again do: its data may be damaged and are not served. " + REPAIR);
        }
    }

    /** Starts the read-write endpoint of a branch whose volume holds a cluster that is no copy. */
    void startNew(Project project, Branch branch, Endpoint primary) {
        engine.start(spec(project, branch, primary));
    }

    /**
     * Starts the read-write endpoint of a branch whose volume is a fresh copy: replays what is left and takes away what would
     * reach out. Nobody is let in before {@link #open}.
     *
     * @param branch with the fresh volume
     * @param renewPasswords whether passwords of the source must not work here
     * @return position of its log from which on nothing of that is left
     */
    Lsn startCopy(
            Project project, Branch branch, Endpoint primary, Optional<Recovery> recovery, boolean renewPasswords) {
        return engine.startCopy(
                spec(project, branch, primary),
                recovery,
                settings.preloadLibraries(),
                ProjectWork.FIRST_DATABASE,
                renewPasswords);
    }

    /** As {@link #startCopy}, where the fresh volume is an earlier moment of the branch's own. */
    void startRewound(Project project, Branch branch, Endpoint primary, Optional<Recovery> recovery) {
        engine.startRewound(spec(project, branch, primary), recovery);
    }

    /**
     * Lets everyone in, or nobody where the branch is a mirror; where the endpoint may not run, stops it again. To be called when
     * the rows say that the branch has this volume: what is acknowledged to whom it lets in must not be undone.
     */
    void open(Endpoint endpoint) {
        if (endpoint.disabled()) {
            engine.stop(endpoint.uid());
            return;
        }
        boolean mirror = jdbi.withHandle(handle -> BranchTable.byUid(handle, endpoint.branchUid()))
                .flatMap(Branch::mirror)
                .isPresent();
        try {
            if (!mirror) {
                engine.open(endpoint.uid());
            }
        } catch (RuntimeException e) {
            // What runs and lets nobody in would be taken for awake.
            engine.stop(endpoint.uid());
            throw e;
        }
        usage.opened(endpoint.uid());
        touch(endpoint.uid());
    }

    /** As {@link #open}, for what is made by now: a server that cannot be opened sleeps, and the next who comes wakes it. */
    void openOrSleep(Endpoint endpoint) {
        try {
            open(endpoint);
        } catch (RuntimeException e) {
            LOG.warn("{} could not be opened and sleeps: {}", endpoint.name(), e.getMessage(), e);
        }
    }

    /**
     * Remembers whether the endpoint writes without fsync from now on. To be called before its server writes to a volume that a row
     * names, or with the change that names it.
     */
    void mark(Handle handle, Endpoint endpoint) {
        endpoints.starts(
                handle,
                endpoint.uid(),
                clock.instant(),
                BranchTable.byUid(handle, endpoint.branchUid())
                        .filter(branch -> !branch.isDurable())
                        .map(branch -> Boot.id()));
    }

    /** Has what stopped servers wrote without fsync written out, and remembers that it is. */
    void sync() {
        String boot = Boot.id();
        List<EndpointTable.Unsynced> stopped = jdbi.withHandle(handle -> endpoints.unsynced(handle, boot)).stream()
                .filter(this::isStopped)
                .toList();
        if (!stopped.isEmpty()) {
            engine.sync();
            // Of one that has begun to run since the time is another.
            jdbi.useTransaction(handle ->
                    stopped.forEach(endpoint -> endpoints.synced(handle, endpoint.uid(), endpoint.lastActive())));
        }
    }

    /** Not while it starts or stops: whoever does that holds the branch. */
    private boolean isStopped(EndpointTable.Unsynced endpoint) {
        Optional<Locks.Held> alone = locks.tryAlone(endpoint.branchUid());
        if (alone.isEmpty()) {
            return false;
        }
        try (var _ = alone.get()) {
            return !engine.isRunning(endpoint.uid());
        }
    }

    /** Stops the branch's servers, and has what they wrote without fsync written out; they write with it from then on. */
    void makeDurable(Branch branch) {
        suspendAll(branch.uid());
        engine.makeDurable(branch.volume());
        jdbi.withHandle(handle -> endpoints.ofBranch(handle, branch.uid()))
                .forEach(endpoint -> endpoint.replicaVolume().ifPresent(engine::makeDurable));
        jdbi.useHandle(handle -> endpoints.allSynced(handle, branch.uid(), Boot.id()));
    }

    /**
     * As the other, where that is not for passing.
     *
     * @param rows makes the rows say so
     */
    void makeDurable(Branch branch, Runnable rows) {
        try {
            makeDurable(branch);
            rows.run();
        } catch (RuntimeException e) {
            throw Undo.after(e, () -> wakeWhatNeverSleeps(branch.uid()));
        }
        wakeWhatNeverSleeps(branch.uid());
    }

    /**
     * Wakes those of the branch that never sleep, for a caller who holds it and is done with its rows. One that does not start is left
     * to the next who comes. Mirrors are woken by {@link MirrorWatch}.
     */
    void wakeWhatNeverSleeps(String branchUid) {
        wakeAlwaysOn(branchUid, _ -> true);
    }

    /** As {@link #wakeWhatNeverSleeps}, for one endpoint. */
    void wakeIfItNeverSleeps(Endpoint endpoint) {
        wakeAlwaysOn(endpoint.branchUid(), other -> other.uid().equals(endpoint.uid()));
    }

    private void wakeAlwaysOn(String branchUid, Predicate<Endpoint> which) {
        try {
            jdbi.withHandle(handle -> endpoints.alwaysOn(handle, branchUid)).stream()
                    .filter(which)
                    .forEach(this::wakeIfItStarts);
        } catch (RuntimeException e) {
            LOG.warn("what never sleeps of branch {} is not woken: {}", branchUid, e.getMessage(), e);
        }
    }

    /** As {@link #wakeHeld}, where what was done stays done though the endpoint does not start. */
    void wakeIfItStarts(Endpoint endpoint) {
        try {
            wakeHeld(endpoint.uid());
        } catch (RuntimeException e) {
            LOG.warn("{} does not run: {}", endpoint.name(), e.getMessage(), e);
        }
    }

    void suspend(String endpointUid) {
        // Who comes from now on waits for the end, and wakes it.
        engine.shut(endpointUid);
        usage.stopping(endpointUid);
        engine.stop(endpointUid);
    }

    /** Stops all endpoints of the branch. */
    void suspendAll(String branchUid) {
        // Replicas first, so that they do not complain of a primary that has gone.
        for (Endpoint endpoint :
                jdbi.withHandle(handle -> endpoints.ofBranch(handle, branchUid)).reversed()) {
            suspend(endpoint.uid());
        }
    }

    void touch(String endpointUid) {
        jdbi.useHandle(handle -> endpoints.active(handle, endpointUid, clock.instant()));
    }

    private ComputeSpec spec(Project project, Branch branch, Endpoint endpoint) {
        Durability durability = branch.isDurable() ? Durability.DURABLE : Durability.DISPOSABLE;
        // What is kept aside is a copy, also that of a root, until it takes the place of the default branch.
        List<String> libraries = branch.sourceUid().isEmpty() && (branch.isDefault() || !branch.keepsDurable())
                ? settings.preloadLibraries()
                : Engine.librariesOfCopies(settings.preloadLibraries());
        Optional<ComputeSpec.Primary> follows = endpoint.replicaVolume().map(volume -> {
            String primary = jdbi.withHandle(handle -> endpoints.primary(handle, branch.uid()))
                    .uid();
            double largestCu = jdbi.withHandle(handle -> endpoints.largestCu(handle, primary));
            return new ComputeSpec.Primary(primary, branch.volume(), largestCu);
        });
        Map<String, String> pgSettings = new HashMap<>(endpoint.settings().pgSettings());
        if (branch.mirror().isPresent()) {
            // What cannot be applied is told without the row.
            pgSettings.put("log_error_verbosity", "terse");
            // Warnings of a mask function of the database's own may quote the value.
            pgSettings.put("log_min_messages", "error");
        }
        return new ComputeSpec(
                endpoint.uid(),
                endpoint.replicaVolume().orElse(branch.volume()),
                project.pgVersion(),
                durability,
                endpoint.settings().minCu(),
                endpoint.settings().maxCu(),
                pgSettings,
                libraries,
                follows);
    }
}
