package dev.espalier.control;

import dev.espalier.control.BranchSpaceTable.Figure;
import dev.espalier.control.MeteredTable.MeteredBranch;
import dev.espalier.engine.Engine;
import dev.espalier.engine.Snapshot;
import dev.espalier.storage.VolumeName;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jdbi.v3.core.Jdbi;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What branches occupy. To measure one reads where all its files lie and, where it shares blocks, others' too: some
 * milliseconds for a small branch, more for a large one among many. So figures are stored, and measured anew with a small share
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

    private final Engine engine;
    private final Jdbi jdbi;
    private final EndpointTable endpoints;
    private final Clock clock;

    /** By {@link System#nanoTime}, when measuring may go on. */
    private long pausedUntil = System.nanoTime() - SAVED_UP.toNanos();

    BranchSpace(Engine engine, Jdbi jdbi, EndpointTable endpoints, Clock clock) {
        this.engine = engine;
        this.jdbi = jdbi;
        this.endpoints = endpoints;
        this.clock = clock;
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
     * Measures those that are due, as long as there is time for it. First figures go before, and take no part in that time.
     *
     * @param oldest no figure is measured anew that is younger than this
     */
    synchronized void measure(List<MeteredBranch> branches, Duration oldest) {
        long began = System.nanoTime();
        for (MeteredBranch branch : branches) {
            if (branch.figure().isEmpty() && System.nanoTime() - began < FIRST_FIGURES.toNanos()) {
                measure(branch);
            }
        }
        measureAgain(branches, oldest);
    }

    private void measureAgain(List<MeteredBranch> branches, Duration oldest) {
        Set<String> running = running();
        Instant now = clock.instant();
        record Due(MeteredBranch branch, Duration age) {}
        List<Due> due = branches.stream()
                .flatMap(branch -> branch.figure().stream()
                        .map(figure -> new Due(branch, Duration.between(figure.measured(), now))))
                .filter(each -> each.age().compareTo(oldest) >= 0)
                .sorted(Comparator.comparing((Due each) -> each.age()
                                .multipliedBy(running.contains(each.branch().uid()) ? RUNNING : 1))
                        .reversed())
                .toList();
        for (Due each : due) {
            long began = System.nanoTime();
            pausedUntil = Math.max(pausedUntil, began - SAVED_UP.toNanos());
            if (pausedUntil > began) {
                return;
            }
            measure(each.branch());
            pausedUntil += (long) ((System.nanoTime() - began) / SHARE);
        }
    }

    private void measure(MeteredBranch branch) {
        try {
            BranchStorage storage = of(branch.uid(), branch.volume());
            Figure figure = new Figure(storage.exclusiveBytes(), storage.historyBytes(), clock.instant());
            jdbi.useHandle(handle -> BranchSpaceTable.measured(handle, branch.uid(), branch.volume(), figure));
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
}
