package dev.espalier.control;

import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.ControlException.Code;
import dev.espalier.control.request.Moment;
import dev.espalier.control.setting.ControlSettings;
import dev.espalier.engine.Engine;
import dev.espalier.engine.Rewind;
import dev.espalier.engine.Snapshot;
import dev.espalier.engine.StorageFullException;
import dev.espalier.postgres.Lsn;
import dev.espalier.postgres.PostgresException;
import dev.espalier.postgres.SessionThreads;
import dev.espalier.storage.VolumeName;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jdbi.v3.core.Jdbi;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The snapshots from which branches are rewound: taken when a branch begins and then by the volume of its log, thinned
 * with age, chosen by the moment that is wanted.
 */
final class History implements AutoCloseable {

    /** Where to start from, and how far to go. */
    record Way(Snapshot from, Rewind.Target to) {}

    private static final Logger LOG = LoggerFactory.getLogger(History.class);

    /** Where copies share nothing, each try may copy the whole branch: one that fails is not made again at once. */
    private static final Duration REST = Duration.ofMinutes(1);

    /** A first copy of a large branch may take minutes, and the next start removes what is left of it. */
    private static final Duration LONGEST_END = Duration.ofMinutes(1);

    private final Engine engine;
    private final Jdbi jdbi;
    private final EndpointTable endpoints;
    private final EndpointRunner runner;
    private final Locks locks;
    private final ControlSettings settings;
    private final Clock clock;
    private final ClockGuard guard;
    private final OneAtATime<String> taking = new OneAtATime<>();

    /** Branches of which no snapshot could be taken, and when that is tried again. */
    private final Map<String, Instant> resting = new ConcurrentHashMap<>();

    private final ChangeCount changes;

    /** What a volume's newest snapshot takes, where that matters. */
    private record Size(VolumeName snapshot, long bytes) {}

    private final Map<VolumeName, Size> sizes = new ConcurrentHashMap<>();

    private final ExecutorService background = SessionThreads.perTask("history");

    History(
            Engine engine,
            Jdbi jdbi,
            EndpointTable endpoints,
            EndpointRunner runner,
            Locks locks,
            ControlSettings settings,
            Clock clock,
            ClockGuard guard,
            ChangeCount changes) {
        this.engine = engine;
        this.runner = runner;
        this.jdbi = jdbi;
        this.endpoints = endpoints;
        this.locks = locks;
        this.settings = settings;
        this.clock = clock;
        this.guard = guard;
        this.changes = changes;
    }

    /** Name for a copy that is made together with a volume, and is its first snapshot. */
    static VolumeName originOf(VolumeName volume) {
        return new VolumeName(volume + ".origin");
    }

    /**
     * The first snapshot of the volume, where it was made together with it.
     *
     * @param detached position of the volume's log from which on it holds nothing that must not be reached
     */
    Optional<Snapshot> origin(VolumeName volume, Lsn detached) {
        VolumeName origin = originOf(volume);
        return engine.volumes().contains(origin)
                ? Optional.of(engine.origin(origin, volume, clock.instant(), detached))
                : Optional.empty();
    }

    /** Begins the branch's history, without making anyone wait for it. */
    void begin(String branchUid) {
        var _ = background.submit(() -> {
            try {
                snapshotIfNone(branchUid);
            } catch (RuntimeException e) {
                LOG.warn("the history of branch {} could not begin; it is tried again", branchUid, e);
            }
        });
    }

    /** Takes the snapshots that are due of the branches that run, as others are not written, and the first of those that have none. */
    void takeDue() {
        Instant now = clock.instant();
        resting.values().removeIf(end -> !end.isAfter(now) || end.isAfter(now.plus(REST)));
        for (Branch branch : jdbi.withHandle(BranchTable::withoutSnapshots)) {
            trying(branch, () -> snapshotIfNone(branch.uid()));
        }
        for (String endpointUid : engine.running()) {
            try {
                jdbi.withHandle(handle -> endpoints.byUid(handle, endpointUid))
                        .filter(endpoint -> endpoint.type() == Endpoint.Type.READ_WRITE)
                        .flatMap(endpoint -> current(endpoint.branchUid()))
                        .ifPresent(branch -> trying(branch, () -> takeIfDue(branch)));
            } catch (RuntimeException e) {
                LOG.warn("cannot see whether a snapshot of endpoint {} is due: {}", endpointUid, e.getMessage());
            }
        }
    }

    /** One that fails rests for a while, and keeps no other. */
    private void trying(Branch branch, Runnable take) {
        if (resting.containsKey(branch.uid())) {
            return;
        }
        try {
            take.run();
        } catch (StorageFullException e) {
            LOG.warn("no snapshot of {}: {}", branch.name(), e.getMessage());
            rest(branch);
        } catch (RuntimeException e) {
            LOG.warn("no snapshot of {}; it is tried again", branch.name(), e);
            rest(branch);
        }
    }

    private void rest(Branch branch) {
        resting.put(branch.uid(), clock.instant().plus(REST));
    }

    /** Removes the snapshots that are not needed any more, and the log before them, while the clock can be believed. */
    void thin() {
        Instant now = clock.instant();
        if (!guard.believes()) {
            return;
        }
        for (Branch branch : jdbi.withHandle(BranchTable::withSeveralSnapshots)) {
            try {
                thin(branch, now);
            } catch (RuntimeException e) {
                LOG.warn("the history of {} is not thinned; it is tried again", branch.name(), e);
            }
        }
    }

    private void takeIfDue(Branch branch) {
        List<Snapshot> snapshots = of(branch.volume());
        if (!snapshots.isEmpty() && isDue(branch, snapshots.getLast())) {
            snapshot(branch.uid(), _ -> true);
        }
    }

    private boolean isDue(Branch branch, Snapshot newest) {
        if (!isArchived(newest, settings.snapshotBytes())) {
            return false;
        }
        if (engine.sharesBlocks()) {
            return true;
        }
        long bytes = bytes(newest);
        Instant windowStart = clock.instant().minus(retention(branch));
        return isArchived(newest, bytes)
                && SnapshotCost.isAffordable(
                        bytes, engine.space(), newest.time().isBefore(windowStart));
    }

    /** Walks its files once: nothing in a snapshot changes. */
    private long bytes(Snapshot newest) {
        return sizes.compute(
                        newest.of(),
                        (_, known) -> known != null && known.snapshot().equals(newest.volume())
                                ? known
                                : new Size(newest.volume(), engine.exclusiveBytes(Set.of(newest.volume()))))
                .bytes();
    }

    private boolean isArchived(Snapshot snapshot, long bytesAfter) {
        return engine.isArchived(snapshot.of(), snapshot.lsn().plus(bytesAfter));
    }

    private void snapshotIfNone(String branchUid) {
        snapshot(branchUid, branch -> of(branch.volume()).isEmpty());
    }

    /**
     * Whoever begins the history and whoever looks what is due may come at the same time. Who waits for the other does not hold the
     * branch meanwhile.
     */
    private void snapshot(String branchUid, Predicate<Branch> wanted) {
        boolean _ = taking.run(branchUid, () -> {
            try (var _ = locks.shared(branchUid)) {
                current(branchUid).filter(wanted).ifPresent(this::take);
            }
            return true;
        });
    }

    private Optional<Branch> current(String branchUid) {
        return jdbi.withHandle(handle -> BranchTable.byUid(handle, branchUid))
                .filter(branch -> branch.state() == Branch.State.READY);
    }

    private void take(Branch branch) {
        Endpoint primary = jdbi.withHandle(handle -> endpoints.primary(handle, branch.uid()));
        if (runner.isDamaged(primary)) {
            return;
        }
        VolumeName name = new VolumeName(branch.volume() + ".snap-" + Long.toHexString(System.nanoTime()));
        Snapshot taken = runner.reading(branch.volume(), primary.uid(), original -> engine.snapshot(original, name));
        try {
            changes.keep(jdbi.inTransaction(handle -> {
                SnapshotTable.insert(handle, taken);
                return ChangeCount.next(handle);
            }));
        } catch (RuntimeException e) {
            // Where nobody knows whether the row is there, the next start sees.
            if (!ControlDatabaseErrors.isUnknown(e)) {
                engine.deleteWhenUnused(name);
            }
            throw e;
        }
    }

    /** @param now of a clock that was believed after it had been read */
    private void thin(Branch branch, Instant now) {
        Duration keepAll = engine.sharesBlocks() ? SnapshotThinning.LAST_HOUR : Duration.ZERO;
        List<Snapshot> unneeded = SnapshotThinning.unneeded(of(branch.volume()), keepAll, retention(branch), now);
        if (unneeded.isEmpty()) {
            return;
        }
        // Whoever works with the branch now goes first; this comes again.
        Optional<Locks.Held> alone = locks.tryAlone(branch.uid());
        if (alone.isEmpty()) {
            return;
        }
        try (var _ = alone.get()) {
            if (current(branch.uid())
                    .filter(current -> current.volume().equals(branch.volume()))
                    .isPresent()) {
                unneeded.forEach(this::delete);
                Stream.concat(of(branch.volume()).stream().map(Snapshot::replayFrom), replicasReplayFrom(branch))
                        .min(Lsn::compareTo)
                        .ifPresent(oldest -> engine.deleteArchiveBefore(branch.volume(), oldest));
            }
        }
    }

    private Duration retention(Branch branch) {
        return jdbi.withHandle(handle -> ProjectTable.byUid(handle, branch.projectUid()))
                .map(Project::historyRetention)
                .orElseThrow();
    }

    /** A replica that has slept needs the log that was written since. */
    private Stream<Lsn> replicasReplayFrom(Branch branch) {
        return jdbi.withHandle(handle -> endpoints.ofBranch(handle, branch.uid())).stream()
                .flatMap(endpoint -> endpoint.replicaVolume().stream())
                .map(engine::replayFrom);
    }

    /** Deletes all snapshots of a volume. */
    void end(VolumeName volume) {
        sizes.remove(volume);
        of(volume).forEach(this::delete);
    }

    /**
     * On some storage a branch made from a moment goes on reading the snapshot it was made from; it goes after that. The row goes first:
     * of what is half deleted nothing is made.
     */
    private void delete(Snapshot snapshot) {
        jdbi.useHandle(handle -> SnapshotTable.delete(handle, snapshot.volume()));
        engine.deleteWhenUnused(snapshot.volume());
    }

    List<Snapshot> of(VolumeName volume) {
        return jdbi.withHandle(handle -> SnapshotTable.of(handle, volume));
    }

    /** @throws ControlException naming the window, if the branch has no history yet */
    BranchHistory window(Branch branch) {
        List<Snapshot> snapshots = of(branch.volume());
        if (snapshots.isEmpty()) {
            throw new ControlException(
                    Code.INVALID_STATE,
                    branch.name() + " has no history yet: its first snapshot is being taken. Try again in a moment.");
        }
        return new BranchHistory(
                // A clock that was ahead has given the first a time that is still to come.
                snapshots.stream().map(Snapshot::time).min(Instant::compareTo).orElseThrow(),
                clock.instant(),
                snapshots.getFirst().lsn(),
                position(branch),
                snapshots.stream()
                        .map(snapshot -> new BranchHistory.Point(snapshot.time(), snapshot.lsn()))
                        .toList());
    }

    /**
     * The way to a moment of the branch.
     *
     * @throws ControlException naming the window, if the moment lies outside
     */
    Way to(Branch branch, Moment moment) {
        BranchHistory window = window(branch);
        List<Snapshot> snapshots = of(branch.volume());
        return switch (moment) {
            case Moment.At(Instant time) ->
                new Way(
                        newest(snapshots.stream()
                                        .filter(s -> !s.time().isAfter(time))
                                        .toList())
                                .filter(s -> !time.isAfter(window.latestTime()))
                                .orElseThrow(() -> outside(branch, time.toString(), window)),
                        new Rewind.Target.Time(time));
            case Moment.Position(Lsn lsn) ->
                new Way(
                        newest(snapshots.stream()
                                        .filter(s -> s.lsn().compareTo(lsn) <= 0)
                                        .toList())
                                .filter(s -> lsn.compareTo(window.latestLsn()) <= 0)
                                .orElseThrow(() -> outside(branch, lsn.toString(), window)),
                        new Rewind.Target.Position(lsn));
            case Moment.Now() -> throw new IllegalArgumentException("now is not a moment of the past");
        };
    }

    private static Optional<Snapshot> newest(List<Snapshot> snapshots) {
        return snapshots.isEmpty() ? Optional.empty() : Optional.of(snapshots.getLast());
    }

    private static ControlException outside(Branch branch, String moment, BranchHistory window) {
        return new ControlException(
                Code.INVALID_PARAMETER_VALUE,
                moment + " lies outside the history of " + branch.name() + ", which reaches from "
                        + window.earliestTime()
                        + " (" + window.earliestLsn() + ") to now (" + window.latestTime() + ", " + window.latestLsn()
                        + "). Choose a moment within"
                        + branch.sourceBranchId()
                                .map(source -> ", or one of its source " + source)
                                .orElse("")
                        + "; after a restore, one of the branch that keeps the state before it.");
    }

    /** Where the branch's log stands. */
    private Lsn position(Branch branch) {
        Endpoint primary = jdbi.withHandle(handle -> endpoints.primary(handle, branch.uid()));
        if (!engine.isRunning(primary.uid())) {
            return engine.endOfLog(branch.volume());
        }
        try (var session = engine.connect(primary.uid(), BranchSessions.HOME);
                var statement = session.createStatement();
                var rows = statement.executeQuery("SELECT pg_current_wal_insert_lsn()::text")) {
            rows.next();
            return Lsn.parse(rows.getString(1));
        } catch (SQLException e) {
            throw new PostgresException("cannot read the position of " + branch.name() + ": " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        SessionThreads.end(background, LONGEST_END);
    }
}
