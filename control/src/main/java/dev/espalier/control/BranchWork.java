package dev.espalier.control;

import dev.espalier.control.Operations.End;
import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.Moment;
import dev.espalier.engine.Cluster;
import dev.espalier.engine.Engine;
import dev.espalier.engine.Recovery;
import dev.espalier.engine.Snapshot;
import dev.espalier.postgres.Lsn;
import dev.espalier.storage.VolumeName;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jdbi.v3.core.Jdbi;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes and replaces the volumes and servers of branches. Each piece of work leaves the rows as they were when it
 * fails, and what it has made by then is removed; what a kill leaves behind is removed at the next start, because no row
 * names it.
 */
final class BranchWork {

    private static final Logger LOG = LoggerFactory.getLogger(BranchWork.class);
    private static final DateTimeFormatter STAMP =
            DateTimeFormatter.ofPattern("yyyyMMdd't'HHmmss", Locale.ROOT).withZone(ZoneOffset.UTC);
    private static final int LONGEST_ID = 63;

    private final Engine engine;
    private final Jdbi jdbi;
    private final Finder finder;
    private final EndpointTable endpoints;
    private final EndpointRunner runner;
    private final History history;
    private final Locks locks;
    private final Uids uids;
    private final BranchRules rules;
    private final MirrorWork mirrors;
    private final MirrorCopies mirrorCopies;
    private final Clock clock;

    BranchWork(
            Engine engine,
            Jdbi jdbi,
            Finder finder,
            EndpointTable endpoints,
            EndpointRunner runner,
            History history,
            Locks locks,
            Uids uids,
            BranchRules rules,
            MirrorWork mirrors,
            MirrorCopies mirrorCopies,
            Clock clock) {
        this.engine = engine;
        this.jdbi = jdbi;
        this.finder = finder;
        this.endpoints = endpoints;
        this.runner = runner;
        this.history = history;
        this.locks = locks;
        this.uids = uids;
        this.rules = rules;
        this.mirrors = mirrors;
        this.mirrorCopies = mirrorCopies;
        this.clock = clock;
    }

    /** @throws ControlException naming the window, if the moment is not now and lies outside */
    void checkWithinHistory(Branch branch, Moment moment) {
        if (!(moment instanceof Moment.Now)) {
            history.to(branch, moment);
        }
    }

    /** Fills the rows of a new branch with life. */
    void make(End end, Project project, Branch source, Branch branch, Endpoint primary, Moment moment) {
        end.ifItFails(handle -> BranchTable.delete(handle, branch.uid()));
        try (var _ = sourceOfMirror(source);
                var _ = locks.shared(source.uid());
                var _ = locks.alone(branch.uid())) {
            try {
                Branch from = jdbi.withHandle(handle -> finder.again(handle, source));
                Optional<Recovery> recovery = copy(project, from, moment, branch.volume());
                Optional<Snapshot> first = startCopy(project, from, branch, primary, recovery);
                runner.admit(branch, primary);
                end.with(handle -> {
                    BranchTable.made(handle, branch, clock.instant());
                    first.ifPresent(snapshot -> SnapshotTable.insert(handle, snapshot));
                    runner.mark(handle, primary);
                });
            } catch (RuntimeException e) {
                throw Undo.after(
                        e,
                        () -> engine.stop(primary.uid()),
                        () -> engine.delete(branch.volume()),
                        () -> engine.delete(History.originOf(branch.volume())));
            }
            runner.openOrSleep(primary);
        }
        history.begin(branch.uid());
    }

    /** Makes a fresh volume; returns what has to be replayed on it. */
    private Optional<Recovery> copy(Project project, Branch from, Moment moment, VolumeName to) {
        Endpoint primary = jdbi.withHandle(handle -> endpoints.primary(handle, from.uid()));
        if (moment instanceof Moment.Now) {
            runner.refuseDamaged(primary);
            if (from.mirror().isPresent()) {
                mirrorCopies.requireReady(from);
            }
            // What a mirror is, with its key and masks, is kept nowhere: the history of a copy begins when it is
            // released.
            Optional<VolumeName> origin = Optional.of(History.originOf(to))
                    .filter(_ -> engine.makesOrigins() && from.mirror().isEmpty());
            fork(project, from, primary, to, origin);
            return Optional.empty();
        }
        History.Way way = history.to(from, moment);
        Cluster original = engine.cluster(from.volume(), primary.uid());
        return Optional.of(engine.rewind(original, way.from(), way.to(), to));
    }

    /** As {@link #copy}, where a refusal is to leave everything as it is, also what runs. */
    private Optional<Recovery> copyOrNothing(Project project, Branch from, Moment moment, VolumeName to) {
        try {
            return copy(project, from, moment, to);
        } catch (RuntimeException e) {
            throw Undo.after(e, () -> engine.delete(to), () -> engine.delete(History.originOf(to)));
        }
    }

    private void fork(Project project, Branch from, Endpoint primary, VolumeName to, Optional<VolumeName> origin) {
        boolean _ = runner.reading(from.volume(), primary.uid(), original -> {
            engine.fork(original, project.pgVersion(), to, origin);
            return true;
        });
    }

    /** A branch with its endpoint that no row names, so that nobody finds it. */
    record Unlisted(Branch branch, Endpoint primary) {}

    /**
     * Does the work while there are copies of the branch as it is now, all of the same moment, with servers that admit nobody but
     * Espalier. What a kill leaves of them is removed at the next start, because no row names it.
     */
    <T> T onCopies(Project project, Branch source, List<Unlisted> copies, Supplier<T> work) {
        try {
            Unlisted first = copies.getFirst();
            try (var _ = locks.shared(source.uid())) {
                Branch from = jdbi.withHandle(handle -> finder.again(handle, source));
                Endpoint primary = jdbi.withHandle(handle -> endpoints.primary(handle, from.uid()));
                runner.refuseDamaged(primary);
                copyUnlisted(project, from, primary, first);
            }
            // Nobody writes to the first, which is therefore still the same.
            copies.stream().skip(1).forEach(copy -> copyUnlisted(project, first.branch(), first.primary(), copy));
            return work.get();
        } finally {
            copies.reversed().forEach(this::removeUnlisted);
        }
    }

    /** One that stays hides nothing of what became of the work, and keeps no other. */
    private void removeUnlisted(Unlisted copy) {
        try {
            engine.stop(copy.primary().uid());
            engine.delete(copy.branch().volume());
            engine.deleteLog(copy.primary().uid());
        } catch (RuntimeException e) {
            LOG.warn(
                    "a copy could not be removed, which the next start does: {}",
                    copy.branch().volume(),
                    e);
        }
    }

    private void copyUnlisted(Project project, Branch from, Endpoint primary, Unlisted copy) {
        fork(project, from, primary, copy.branch().volume(), Optional.empty());
        var _ = runner.startCopy(project, copy.branch(), copy.primary(), Optional.empty(), true);
    }

    /** What a mirror follows is needed when it is copied; locks are taken from the source down. */
    private Locks.Held sourceOfMirror(Branch source) {
        return source.mirror()
                .flatMap(_ -> source.sourceUid())
                .map(locks::shared)
                .orElse(() -> {});
    }

    /**
     * @param branch with the fresh volume
     * @return the branch's first snapshot, where that was made together with it
     */
    private Optional<Snapshot> startCopy(
            Project project, Branch from, Branch branch, Endpoint primary, Optional<Recovery> recovery) {
        // What is kept aside has the passwords of a branch that may be protected.
        boolean renewPasswords = from.isProtected() || from.keepsDurable();
        Lsn detached = runner.startCopy(project, branch, primary, recovery, renewPasswords);
        if (branch.maskedFor().isPresent()) {
            // Of a branch that was made from a mirror, too, whatever moment of it this is.
            mirrorCopies.release(primary);
        }
        if (from.mirror().isPresent()) {
            mirrorCopies.setSequences(from, primary);
        }
        return history.origin(branch.volume(), detached);
    }

    /** @param branch with the fresh volume */
    private void startRewound(Project project, Branch branch, Endpoint primary, Optional<Recovery> recovery) {
        Optional<Lsn> at = recovery.flatMap(Recovery::stopBefore);
        boolean mustDetach = jdbi.withHandle(handle -> BranchTable.mustDetach(handle, branch.uid(), at));
        // Whatever moment of it this is, nothing of its mirror is to be left.
        boolean isMasked = branch.maskedFor().isPresent();
        if (mustDetach || isMasked) {
            var _ = runner.startCopy(project, branch, primary, recovery, false);
        } else {
            runner.startRewound(project, branch, primary, recovery);
        }
        if (isMasked) {
            mirrorCopies.release(primary);
        }
    }

    /** Replaces the branch's data by its source's. */
    void reset(End end, Project project, Branch branch) {
        end.ifItFails(handle -> BranchTable.settled(handle, branch.uid()));
        try (Pair held = withSource(branch)) {
            Branch current = held.branch();
            Branch from = jdbi.withHandle(handle -> finder.again(handle, held.source()));
            if (current.mirror().isPresent()) {
                mirrors.rebuild(end, project, from, current);
            } else {
                replace(end, project, current, from, new Moment.Now(), handle -> {});
                history.end(current.volume());
                engine.delete(current.volume());
            }
        }
        history.begin(branch.uid());
    }

    /** A branch that may be reset and its source, both held as long as this is open. */
    private record Pair(Branch branch, Branch source, List<Locks.Held> locks) implements AutoCloseable {
        @Override
        public void close() {
            locks.reversed().forEach(Locks.Held::close);
        }
    }

    private Pair withSource(Branch branch) {
        while (true) {
            Branch before = resettable(branch);
            Branch source = jdbi.withHandle(
                    handle -> finder.ready(handle, before.sourceUid().orElseThrow()));
            List<Locks.Held> locks =
                    List.of(sourceOfMirror(source), this.locks.shared(source.uid()), this.locks.alone(branch.uid()));
            Pair held = new Pair(before, source, locks);
            try {
                Branch current = resettable(branch);
                if (current.sourceUid().equals(before.sourceUid())) {
                    return new Pair(current, source, locks);
                }
                // A restore of the source has given what was made from it another one meanwhile.
                held.close();
            } catch (RuntimeException e) {
                held.close();
                throw e;
            }
        }
    }

    private Branch resettable(Branch branch) {
        Branch current = jdbi.withHandle(handle -> finder.again(handle, branch));
        rules.mayBeReset(current);
        return current;
    }

    /**
     * Replaces the branch's data by an earlier state of its own, and gives those it had to another branch.
     *
     * @param preserveUnder id of the other; made up where it is empty
     * @param fresh the other, of the branch and of this id
     */
    void restore(
            End end,
            Project project,
            Branch branch,
            Moment moment,
            Optional<String> preserveUnder,
            BiFunction<Branch, String, Unlisted> fresh) {
        end.ifItFails(handle -> BranchTable.settled(handle, branch.uid()));
        try (var _ = locks.alone(branch.uid())) {
            Branch current = jdbi.withHandle(handle -> finder.again(handle, branch));
            Unlisted preserved = fresh.apply(current, preserveUnder.orElseGet(() -> nameBefore(current)));
            Branch kept = withVolume(preserved.branch(), current.volume());
            replace(end, project, current, current, moment, handle -> {
                BranchTable.insertUnlessTaken(handle, kept);
                BranchTable.madeAs(handle, kept.uid(), branch.uid());
                BranchTable.state(handle, kept.uid(), Branch.State.READY, clock.instant());
                // Two must not do the same job: what is kept aside is a copy from now on.
                BranchTable.detachAtNextStart(handle, kept.uid());
                endpoints.insert(handle, preserved.primary());
                endpoints.takesOver(
                        handle,
                        preserved.primary().uid(),
                        endpoints.primary(handle, branch.uid()).uid());
                // They were made from the state that has just changed hands.
                BranchTable.moveChildren(handle, branch.uid(), kept.uid());
            });
        }
        history.begin(branch.uid());
    }

    /**
     * Makes a new volume beside the old one, and moves the branch's servers over. Until the rows are changed, the old
     * volume is untouched and the branch's own, and nobody is let in to the new one.
     *
     * @param also what is to change together with the branch's volume
     */
    private void replace(End end, Project project, Branch branch, Branch from, Moment moment, Operations.Rows also) {
        VolumeName fresh = uids.volume(branch.uid());
        Endpoint primary = jdbi.withHandle(handle -> endpoints.primary(handle, branch.uid()));
        boolean wasRunning = engine.isRunning(primary.uid());
        Map<Endpoint, VolumeName> replicas = new LinkedHashMap<>();
        jdbi.withHandle(handle -> endpoints.ofBranch(handle, branch.uid())).stream()
                .filter(endpoint -> endpoint.replicaVolume().isPresent())
                .forEach(replica -> replicas.put(replica, uids.volume(replica.uid())));
        Optional<Recovery> recovery = copyOrNothing(project, from, moment, fresh);
        try {
            runner.suspendAll(branch.uid());
            Optional<Snapshot> first = startFresh(project, from, withVolume(branch, fresh), primary, recovery);
            runner.admit(branch, primary);
            replicas.values().forEach(volume -> engine.replicate(engine.cluster(fresh, primary.uid()), volume));
            Optional<Instant> sourceTime =
                    moment instanceof Moment.At(Instant time) ? Optional.of(time) : Optional.empty();
            end.with(handle -> {
                also.change(handle);
                BranchTable.volume(handle, branch.uid(), fresh, clock.instant());
                // A moment of its own past is not one of the branch that it was made from.
                if (!from.uid().equals(branch.uid())) {
                    BranchTable.source(handle, branch.uid(), sourceTime);
                }
                BranchTable.state(handle, branch.uid(), Branch.State.READY, clock.instant());
                replicas.forEach((replica, volume) -> endpoints.replicaVolume(handle, replica.uid(), volume));
                BranchTable.neverDetached(handle, branch.uid());
                first.ifPresent(snapshot -> SnapshotTable.insert(handle, snapshot));
                runner.mark(handle, primary);
            });
        } catch (RuntimeException e) {
            throw Undo.after(
                    e,
                    () -> engine.stop(primary.uid()),
                    () -> engine.delete(fresh),
                    () -> engine.delete(History.originOf(fresh)),
                    () -> replicas.values().forEach(engine::delete),
                    () -> {
                        if (wasRunning) {
                            runner.wakeHeld(primary.uid());
                        }
                    },
                    () -> runner.wakeWhatNeverSleeps(branch.uid()));
        }
        runner.openOrSleep(primary);
        runner.wakeWhatNeverSleeps(branch.uid());
        replicas.keySet().forEach(replica -> replica.replicaVolume().ifPresent(engine::delete));
    }

    /** As {@link #startCopy}, or {@link #startRewound} where the branch is made from itself. */
    private Optional<Snapshot> startFresh(
            Project project, Branch from, Branch branch, Endpoint primary, Optional<Recovery> recovery) {
        if (from.uid().equals(branch.uid())) {
            startRewound(project, branch, primary, recovery);
            return Optional.empty();
        }
        return startCopy(project, from, branch, primary, recovery);
    }

    /** Changes what makes the branch durable or not. Its servers stop where it becomes durable; who comes next wakes them. */
    void change(End end, Branch branch, BranchChange change) {
        try (var _ = locks.alone(branch.uid())) {
            Branch current = jdbi.withHandle(handle -> finder.again(handle, branch));
            boolean isProtected = change.isProtected().orElse(current.isProtected());
            Optional<Instant> expireTime = rules.expireTime(current, change, isProtected);
            if (!isProtected && current.isProtected() && !current.isDefault()) {
                rules.mayStopBeingDurable(current);
            }
            Runnable rows = () -> end.with(
                    handle -> BranchTable.change(handle, branch.uid(), isProtected, expireTime, clock.instant()));
            if (isProtected && !current.isDurable()) {
                runner.makeDurable(current, rows);
            } else {
                rows.run();
            }
        }
    }

    /** Id that is free for a branch that keeps the state before a restore, where the user has named none. */
    private String nameBefore(Branch branch) {
        String stamp = "-before-" + STAMP.format(clock.instant());
        return Stream.concat(Stream.of(""), IntStream.iterate(2, n -> n + 1).mapToObj(n -> "-" + n))
                .map(number -> shortened(branch.branchId(), stamp + number))
                .filter(id -> jdbi.withHandle(handle -> BranchTable.live(handle, branch.projectUid(), id))
                        .isEmpty())
                .findFirst()
                .orElseThrow();
    }

    private static String shortened(String id, String suffix) {
        return id.substring(0, Math.min(id.length(), LONGEST_ID - suffix.length())) + suffix;
    }

    static Branch withVolume(Branch branch, VolumeName volume) {
        return new Branch(
                branch.uid(),
                branch.projectUid(),
                branch.projectId(),
                branch.branchId(),
                branch.sourceUid(),
                branch.sourceBranchId(),
                branch.sourceLsn(),
                branch.sourceTime(),
                branch.state(),
                branch.pendingState(),
                branch.stateChangeTime(),
                branch.isProtected(),
                branch.isDefault(),
                branch.keepsDurable(),
                branch.expireTime(),
                volume,
                branch.logicalBytes(),
                branch.createTime(),
                branch.updateTime(),
                branch.deleteTime(),
                branch.purgeTime(),
                branch.maskedFor(),
                branch.mirror());
    }
}
