package dev.espalier.control;

import dev.espalier.engine.Snapshot;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * Which snapshots may go. Rewinding replays the log from the nearest snapshot, so the recent past, where most rewinds go
 * to, keeps all of them; older ones are thinned.
 */
final class SnapshotThinning {

    private static final Duration KEEP_ALL = Duration.ofHours(1);
    private static final Duration KEEP_SOME = Duration.ofHours(24);
    private static final Duration SOME = Duration.ofMinutes(10);
    private static final Duration FEW = Duration.ofHours(1);

    private SnapshotThinning() {}

    /**
     * @param snapshots of one volume, oldest first
     * @param retention how far back must be reachable
     * @return those that are not needed: closer than needed to the one before, or older than the newest one that lies
     *     before the window
     */
    static List<Snapshot> unneeded(List<Snapshot> snapshots, Duration retention, Instant now) {
        Instant windowStart = now.minus(retention);
        List<Snapshot> unneeded = new ArrayList<>();
        Instant kept = Instant.MIN;
        for (int i = 0; i < snapshots.size(); i++) {
            Snapshot snapshot = snapshots.get(i);
            boolean last = i == snapshots.size() - 1;
            boolean succeededBeforeWindow =
                    !last && !snapshots.get(i + 1).time().isAfter(windowStart);
            Duration age = Duration.between(snapshot.time(), now);
            Duration step = age.compareTo(KEEP_ALL) <= 0 ? Duration.ZERO : age.compareTo(KEEP_SOME) <= 0 ? SOME : FEW;
            boolean tooClose = !last
                    && !kept.equals(Instant.MIN)
                    && Duration.between(kept, snapshot.time()).compareTo(step) < 0;
            if (succeededBeforeWindow || tooClose) {
                unneeded.add(snapshot);
            } else {
                kept = snapshot.time();
            }
        }
        return unneeded;
    }
}
