package dev.espalier.engine;

import dev.espalier.postgres.ControlFile;
import dev.espalier.postgres.Lsn;
import dev.espalier.postgres.PostgresServer;
import dev.espalier.postgres.ServerSettings.Durability;
import dev.espalier.postgres.WalChanges;
import dev.espalier.postgres.WalSegments;
import dev.espalier.storage.VolumeName;
import dev.espalier.storage.VolumeStore;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Frozen copies to fork from, for storage that forks in constant time only what is not written any more. A base is
 * started and stopped once, so that its forks need no recovery, and serves until its original has moved on.
 */
final class Bases {

    /** What the name of every base, and of no other volume, contains. */
    static final String MARK = ".base-";

    private record Base(VolumeName volume, Lsn position) {}

    private final VolumeStore store;
    private final Capture capture;
    private final Computes computes;
    private final Layout layout;
    private final Map<VolumeName, Base> newest = new ConcurrentHashMap<>();
    private final Set<VolumeName> beingMade = ConcurrentHashMap.newKeySet();

    Bases(VolumeStore store, Layout layout, Capture capture, Computes computes) {
        this.store = store;
        this.layout = layout;
        this.capture = capture;
        this.computes = computes;
    }

    /** Makes {@code target} a copy of the cluster as it is now. */
    void fork(Cluster cluster, int major, VolumeName target) {
        newest.compute(cluster.volume(), (_, known) -> {
            Base base = known != null && isCurrent(cluster, known) ? known : make(cluster, major);
            try {
                store.fork(base.volume(), target, Set.of());
            } catch (RuntimeException e) {
                if (!base.equals(known)) {
                    // Nobody hears of this one: it goes with those that are in no use.
                    beingMade.remove(base.volume());
                }
                throw e;
            }
            return base;
        });
        newest.values().forEach(base -> beingMade.remove(base.volume()));
    }

    /** Forgets the base of a volume that is going to be deleted. */
    void forget(VolumeName original) {
        newest.remove(original);
    }

    /** The bases that new forks may still be made from. */
    Set<VolumeName> inUse() {
        Set<VolumeName> inUse = new HashSet<>(beingMade);
        newest.values().forEach(base -> inUse.add(base.volume()));
        return inUse;
    }

    private boolean isCurrent(Cluster original, Base base) {
        Path data = store.open(original.volume());
        ControlFile control = ControlFile.read(data);
        Lsn end = original.server().map(Bases::endOfLog).orElseGet(control::checkpoint);
        WalSegments log = new WalSegments(List.of(data.resolve("pg_wal")), control.timeline());
        return !WalChanges.between(log, base.position(), end);
    }

    private static Lsn endOfLog(PostgresServer server) {
        try (Connection session = server.connect("postgres")) {
            return LogPositions.end(session);
        } catch (SQLException e) {
            throw new EngineException("cannot ask how far the log has come: " + e.getMessage(), e);
        }
    }

    private Base make(Cluster cluster, int major) {
        String number = Long.toHexString(System.nanoTime());
        VolumeName name = new VolumeName(cluster.volume() + MARK + number);
        // Short, as the path of its socket has it.
        String computeId = "base-" + number;
        beingMade.add(name);
        try {
            Snapshot copy = capture.take(cluster, name);
            computes.start(new ComputeSpec(
                    computeId, name, major, Durability.DISPOSABLE, 0.5, 0.5, Map.of(), List.of(), Optional.empty()));
            computes.stop(computeId);
            Trees.delete(layout.log(computeId));
            Trees.delete(layout.archive(name));
            store.freeze(name);
            return new Base(name, copy.lsn());
        } catch (RuntimeException e) {
            computes.stop(computeId);
            Trees.delete(layout.archive(name));
            store.delete(name);
            beingMade.remove(name);
            throw e;
        }
    }
}
