package dev.espalier.engine;

import dev.espalier.postgres.ControlFile;
import dev.espalier.postgres.Lsn;
import dev.espalier.postgres.ServerSettings.Durability;
import dev.espalier.postgres.WalChanges;
import dev.espalier.postgres.WalSegments;
import dev.espalier.storage.VolumeName;
import dev.espalier.storage.VolumeStore;
import java.nio.file.Path;
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
    private final Map<VolumeName, Base> newest = new ConcurrentHashMap<>();

    Bases(VolumeStore store, Capture capture, Computes computes) {
        this.store = store;
        this.capture = capture;
        this.computes = computes;
    }

    /** Makes {@code target} a copy of the cluster as it is now. */
    void fork(Cluster cluster, int major, VolumeName target) {
        newest.compute(cluster.volume(), (volume, known) -> {
            Base base = known != null && isCurrent(volume, known) ? known : make(cluster, major);
            store.fork(base.volume(), target, Set.of());
            return base;
        });
    }

    /** Forgets the base of a volume that is going to be deleted. */
    void forget(VolumeName original) {
        newest.remove(original);
    }

    /** The bases that new forks may still be made from. */
    Set<VolumeName> inUse() {
        return Set.copyOf(newest.values().stream().map(Base::volume).toList());
    }

    private boolean isCurrent(VolumeName original, Base base) {
        Path data = store.open(original);
        int timeline = ControlFile.read(data).timeline();
        return !WalChanges.since(new WalSegments(List.of(data.resolve("pg_wal")), timeline), base.position());
    }

    private Base make(Cluster cluster, int major) {
        VolumeName name = new VolumeName(cluster.volume() + MARK + Long.toHexString(System.nanoTime()));
        Snapshot copy = capture.take(cluster, name);
        try {
            computes.start(new ComputeSpec(
                    name.value(), name, major, Durability.DISPOSABLE, 0.5, 0.5, Map.of(), List.of(), Optional.empty()));
            computes.stop(name.value());
            store.freeze(name);
            return new Base(name, copy.lsn());
        } catch (RuntimeException e) {
            computes.stop(name.value());
            store.delete(name);
            throw e;
        }
    }
}
