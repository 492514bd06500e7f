package dev.espalier.control;

import dev.espalier.engine.Engine;
import dev.espalier.engine.Snapshot;
import dev.espalier.storage.VolumeName;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jdbi.v3.core.Jdbi;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What branches occupy. To measure one reads where all its files lie and, where it shares blocks, others' too: some
 * milliseconds for a small branch, more for a large one among many. So figures are kept, and measured anew with a small share
 * of the time: all in turn, since what a branch holds alone also changes when another one is deleted, those that run more often.
 */
final class BranchSpace {

    private static final Logger LOG = LoggerFactory.getLogger(BranchSpace.class);

    /** Of the time, what measuring may take. */
    private static final double SHARE = 0.02;

    /** Time for measuring that is saved up is that of so long. */
    private static final Duration SAVED_UP = Duration.ofMinutes(1);

    /** As long as first figures are measured without a pause. */
    private static final Duration FIRST_FIGURES = Duration.ofSeconds(1);

    /** A branch that runs is as due as one that was measured this many times as long ago. */
    private static final int RUNNING = 10;

    private record Known(BranchStorage storage, VolumeName volume, long measuredNanos) {}

    private final Engine engine;
    private final Jdbi jdbi;
    private final EndpointTable endpoints;
    private final Map<String, Known> known = new ConcurrentHashMap<>();

    /** By {@link System#nanoTime}, when measuring may go on. */
    private long pausedUntil = System.nanoTime() - SAVED_UP.toNanos();

    BranchSpace(Engine engine, Jdbi jdbi, EndpointTable endpoints) {
        this.engine = engine;
        this.jdbi = jdbi;
        this.endpoints = endpoints;
    }

    /** The figure that was measured last; empty where none was. */
    Optional<BranchStorage> known(String branchUid) {
        return Optional.ofNullable(known.get(branchUid)).map(Known::storage);
    }

    /** What the branch occupies now, with its replicas and its history. */
    BranchStorage of(String branchUid, VolumeName volume) {
        List<Snapshot> snapshots = jdbi.withHandle(handle -> SnapshotTable.of(handle, volume));
        Set<VolumeName> group = new HashSet<>(Set.of(volume));
        snapshots.forEach(snapshot -> group.add(snapshot.volume()));
        jdbi.withHandle(handle -> endpoints.ofBranch(handle, branchUid))
                .forEach(endpoint -> endpoint.replicaVolume().ifPresent(group::add));
        long archive = engine.archiveBytes(volume, group);
        return new BranchStorage(engine.exclusiveBytes(group) + archive, archive, snapshots.size(), volume.value());
    }

    /**
     * Measures those that are due, as long as there is time for it, and forgets those that are not among them. First figures
     * go before, and take no part in that time.
     *
     * @param oldest no figure is measured anew that is younger than this
     */
    synchronized void measure(List<MeteredTable.Row> branches, Duration oldest) {
        Set<String> there = new HashSet<>();
        branches.forEach(branch -> there.add(uid(branch)));
        known.keySet().retainAll(there);
        long began = System.nanoTime();
        for (MeteredTable.Row branch : branches) {
            if (!isKnown(branch) && System.nanoTime() - began < FIRST_FIGURES.toNanos()) {
                measure(branch);
            }
        }
        measureAgain(branches, oldest);
    }

    private void measureAgain(List<MeteredTable.Row> branches, Duration oldest) {
        Set<String> running = running();
        List<MeteredTable.Row> due = branches.stream()
                .filter(branch -> isKnown(branch) && age(branch) >= oldest.toNanos())
                .sorted(Comparator.comparingLong((MeteredTable.Row branch) ->
                                age(branch) * (running.contains(uid(branch)) ? RUNNING : 1))
                        .reversed())
                .toList();
        for (MeteredTable.Row branch : due) {
            long began = System.nanoTime();
            pausedUntil = Math.max(pausedUntil, began - SAVED_UP.toNanos());
            if (pausedUntil > began) {
                return;
            }
            measure(branch);
            pausedUntil += (long) ((System.nanoTime() - began) / SHARE);
        }
    }

    private void measure(MeteredTable.Row branch) {
        try {
            BranchStorage storage = of(uid(branch), branch.volume());
            known.put(uid(branch), new Known(storage, branch.volume(), System.nanoTime()));
        } catch (RuntimeException e) {
            // It is being deleted or replaced, or the disk fails: the last figure stands.
            LOG.warn(
                    "cannot measure what branch {} occupies: {}",
                    branch.subject().branch().name(),
                    e.getMessage());
        }
    }

    private Set<String> running() {
        Set<String> branches = new HashSet<>();
        for (String uid : engine.running()) {
            jdbi.withHandle(handle -> endpoints.byUid(handle, uid))
                    .ifPresent(endpoint -> branches.add(endpoint.branchUid()));
        }
        return branches;
    }

    /** Of a branch that has another volume now, nothing is known. */
    private boolean isKnown(MeteredTable.Row branch) {
        Known figure = known.get(uid(branch));
        return figure != null && figure.volume().equals(branch.volume());
    }

    /** Nanoseconds since it was measured. */
    private long age(MeteredTable.Row branch) {
        return System.nanoTime()
                - Objects.requireNonNull(known.get(uid(branch))).measuredNanos();
    }

    private static String uid(MeteredTable.Row branch) {
        return branch.subject().branch().id();
    }
}
