package dev.espalier.control;

import dev.espalier.engine.Snapshot;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Which snapshots may go. Rewinding replays the log from the nearest snapshot, so the recent past, where most rewinds go
 * to, keeps all of them; older ones are thinned, but not where that would leave more log to replay than is done in a while.
 */
final class SnapshotThinning {

    /** Replaying it is the most that a rewind may take, where the branch was written so fast. */
    private static final long MOST_LOG_BETWEEN = 1L << 30;

    /** How long all are kept where they cost little. */
    static final Duration LAST_HOUR = Duration.ofHours(1);

    private static final Duration KEEP_SOME = Duration.ofHours(24);
    private static final Duration SOME = Duration.ofMinutes(10);
    private static final Duration FEW = Duration.ofHours(1);

    private SnapshotThinning() {}

    /**
     * @param snapshots of one volume, oldest first
     * @param keepAll the age from which on they are thinned
     * @param retention how far back must be reachable
     * @return those that are not needed: closer than needed to the one before, or older than the newest one that lies
     *     before the window
     */
    static List<Snapshot> unneeded(List<Snapshot> snapshots, Duration keepAll, Duration retention, Instant now) {
        Instant windowStart = now.minus(retention);
        List<Snapshot> unneeded = new ArrayList<>();
        Optional<Snapshot> kept = Optional.empty();
        for (int i = 0; i < snapshots.size(); i++) {
            Snapshot snapshot = snapshots.get(i);
            int next = i + 1;
            boolean last = next == snapshots.size();
            boolean succeededBeforeWindow = !last && !snapshots.get(next).time().isAfter(windowStart);
            Duration age = Duration.between(snapshot.time(), now);
            Duration step = age.compareTo(keepAll) <= 0 ? Duration.ZERO : age.compareTo(KEEP_SOME) <= 0 ? SOME : FEW;
            // Nothing is known of how close those are that a clock has put into the wrong order.
            boolean tooClose = !last
                    && kept.filter(before -> !snapshot.time().isBefore(before.time()))
                            .filter(before -> Duration.between(before.time(), snapshot.time())
                                            .compareTo(step)
                                    < 0)
                            .filter(before -> distance(before, snapshots.get(next)) <= MOST_LOG_BETWEEN)
                            .isPresent();
            if (succeededBeforeWindow || tooClose) {
                unneeded.add(snapshot);
            } else {
                kept = Optional.of(snapshot);
            }
        }
        return unneeded;
    }

    private static long distance(Snapshot from, Snapshot to) {
        return to.lsn().minus(from.lsn());
    }
}
