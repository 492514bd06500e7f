package dev.espalier.engine;

import dev.espalier.engine.Rewind.Target;
import dev.espalier.postgres.ControlFile;
import dev.espalier.postgres.Installations;
import dev.espalier.postgres.Lsn;
import dev.espalier.postgres.PostgresServer;
import dev.espalier.postgres.RunningServers;
import dev.espalier.postgres.ServerLog;
import dev.espalier.postgres.ServerSettings.Durability;
import dev.espalier.storage.Capabilities;
import dev.espalier.storage.Space;
import dev.espalier.storage.VolumeName;
import dev.espalier.storage.VolumeStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Branches and endpoints as running things: volumes that hold PostgreSQL clusters, and servers on them. It keeps no record
 * of what exists; whoever uses it says which volume and which compute it means, and does one thing at a time with each.
 */
public final class Engine {

    /** Share of the file system from which on no new copy is made. */
    public static final double FULL = 0.90;

    /** Share of the file system from which on an alarm is raised. */
    public static final double NEARLY_FULL = 0.80;

    private final VolumeStore store;
    private final Layout layout;
    private final Installations installations;
    private final Steps steps;
    private final Computes computes;
    private final Capture capture;
    private final Room room;
    private final Bases bases;
    private final Rewind rewind;
    private final Settling settling = new Settling();
    private final Map<String, PostgresServer> opened = new ConcurrentHashMap<>();

    /** Volumes that nobody wants any more, and that others still read from. */
    private final Set<VolumeName> leftOver = ConcurrentHashMap.newKeySet();

    public Engine(VolumeStore store, Layout layout, Installations installations, Steps steps) {
        this.store = store;
        this.layout = layout;
        this.installations = installations;
        this.steps = steps;
        this.computes = new Computes(store, layout, installations);
        this.capture = new Capture(store, layout);
        this.room = new Room(store);
        this.bases = new Bases(store, layout, capture, computes);
        this.rewind = new Rewind(store, layout);
    }

    /** Whoever is told the steps of longer work. */
    public Steps steps() {
        return steps;
    }

    // Volumes

    /** Makes a volume with a new, empty cluster. */
    public void initialise(VolumeName volume, int major) {
        room.refuseWhenFull();
        Path data = store.create(volume);
        steps.reached("initialise.created");
        try {
            installations.get(major).initialise(data, layout.user());
        } catch (RuntimeException e) {
            store.delete(volume);
            throw e;
        }
        steps.reached("initialise.initialised");
    }

    /**
     * Makes {@code target} a copy of the cluster as it is now, to be started as a cluster of its own.
     *
     * @param origin name for a frozen copy of the same moment, from which the target can be rewound to its beginning; made
     *     only where {@link #makesOrigins} says so
     */
    public void fork(Cluster cluster, int major, VolumeName target, Optional<VolumeName> origin) {
        var _ = room.forCopy(cluster.volume(), target, () -> {
            makeFork(cluster, major, target, origin);
            return target;
        });
        steps.reached("fork.captured");
    }

    private void makeFork(Cluster cluster, int major, VolumeName target, Optional<VolumeName> origin) {
        Capabilities can = store.capabilities();
        if (origin.isPresent() && makesOrigins()) {
            capture.take(cluster, origin.get());
            store.freeze(origin.get());
            forkFrozen(origin.get(), target);
        } else if (!can.atomicFork() && can.constantTimeForkOfFrozen()) {
            bases.fork(cluster, major, target);
        } else {
            capture.take(cluster, target);
        }
    }

    /** Whether copies take no space before they are written. */
    public boolean sharesBlocks() {
        return store.capabilities().sharesBlocks();
    }

    /** Whether a fork can leave an origin behind at no cost; elsewhere it would cost as much as another copy. */
    public boolean makesOrigins() {
        return store.capabilities().atomicFork();
    }

    private void forkFrozen(VolumeName origin, VolumeName target) {
        try {
            store.fork(origin, target, Set.of());
        } catch (RuntimeException e) {
            store.delete(origin);
            throw e;
        }
    }

    /**
     * The origin that {@link #fork} made, as a snapshot of its target.
     *
     * @param time a moment at or after that position
     * @param detached what {@link #startCopy} returned for the target: what the origin holds of the original cannot be reached
     */
    public Snapshot origin(VolumeName origin, VolumeName target, Instant time, Lsn detached) {
        return new Snapshot(
                origin,
                target,
                time,
                detached,
                ControlFile.read(store.open(origin)).redo());
    }

    /**
     * Makes {@code target} a copy of the cluster that can follow it. A fork cannot: it may have been started and stopped
     * before it is handed out, and its log is another one since.
     */
    public void replicate(Cluster primary, VolumeName target) {
        var _ = room.forCopy(primary.volume(), target, () -> capture.take(primary, target));
        steps.reached("replicate.captured");
    }

    /** Makes {@code target} a copy of the cluster that {@link #rewind} can start from. */
    public Snapshot snapshot(Cluster cluster, VolumeName target) {
        Snapshot snapshot = room.forCopy(cluster.volume(), target, () -> capture.take(cluster, target));
        try {
            store.freeze(target);
        } catch (RuntimeException e) {
            deleteWhenUnused(target);
            throw e;
        }
        steps.reached("snapshot.captured");
        return snapshot;
    }

    /**
     * Makes {@code to} an earlier moment of the volume that the snapshot was taken of. It is whole only after
     * {@link #startCopy}.
     *
     * @param original the cluster that the snapshot was taken of
     * @throws EngineException if the target lies past what has been written; there is no volume then
     */
    public Recovery rewind(Cluster original, Snapshot snapshot, Target target, VolumeName to) {
        try {
            Recovery recovery = room.forCopy(snapshot.volume(), to, () -> rewind.make(original, snapshot, target, to));
            steps.reached("rewind.copied");
            return recovery;
        } catch (RuntimeException e) {
            delete(to);
            throw e;
        }
    }

    /** Deletes the volume with its archive; nothing happens when there is none. */
    public void delete(VolumeName volume) {
        bases.forget(volume);
        rewind.finish(volume);
        store.delete(volume);
        steps.reached("delete.volume");
        Trees.delete(layout.archive(volume));
        steps.reached("delete.archive");
    }

    /** All volumes there are. */
    public Set<VolumeName> volumes() {
        return store.list();
    }

    /** Makes what has been written to the volume and its archive without fsync durable; no server may run on it. */
    public void makeDurable(VolumeName volume) {
        Trees.sync(store.open(volume));
        if (Files.isDirectory(layout.archive(volume))) {
            Trees.sync(layout.archive(volume));
        }
    }

    /** Writes out everything that has been written to volumes, by whichever server. */
    public void sync() {
        store.sync();
    }

    /** As {@link #delete}; a volume that another one still reads from is deleted once it no longer is. */
    public void deleteWhenUnused(VolumeName volume) {
        if (store.isUsedByForks(volume)) {
            leftOver.add(volume);
            return;
        }
        try {
            delete(volume);
        } catch (RuntimeException e) {
            // What is left of it is deleted later.
            leftOver.add(volume);
            throw e;
        }
    }

    /** True while another volume still reads from this one, so that it cannot be deleted. */
    public boolean isUsedByForks(VolumeName volume) {
        return store.isUsedByForks(volume);
    }

    // Computes

    /** Starts a server on the volume as it is. Nobody but the engine can sign in before {@link #open}. */
    public void start(ComputeSpec spec) {
        computes.start(spec);
        steps.reached("start.ready");
    }

    /** As {@link #start}, with nothing at work in it before {@link #letWork}: no subscription takes anything. */
    public void startCalm(ComputeSpec spec) {
        computes.startCalm(spec, Optional.empty());
        steps.reached("start.calm");
    }

    /**
     * Starts a server on a copy for the first time: replays what is left, takes from it what would reach out in its
     * original's name, and lets nothing in it act by itself before that is done.
     *
     * @param recovery what {@link #rewind} returned; empty for a fork
     * @param preloadLibraries those of the original
     * @param database the one that will probably be asked for first: to work in it fills the new server's caches
     * @param renewPasswords whether the roles' passwords must stop working on the copy
     * @return position of the copy's log from which on nothing of that is left
     */
    public Lsn startCopy(
            ComputeSpec spec,
            Optional<Recovery> recovery,
            List<String> preloadLibraries,
            String database,
            boolean renewPasswords) {
        // Of what was the original itself until now, others still hold them; a server without logical log does not
        // start with them.
        Trees.empty(store.open(spec.volume()).resolve("pg_replslot"));
        PostgresServer server = computes.startCalm(spec, recovery);
        steps.reached("start.calm");
        rewind.finish(spec.volume());
        Lsn detached = Detachment.apply(server, preloadLibraries, database, renewPasswords);
        steps.reached("detach.done");
        letWork(spec);
        return detached;
    }

    /**
     * Starts a server on an earlier moment of the volume that it replaces: the subscriptions and jobs in it are its own, and
     * stay.
     */
    public void startRewound(ComputeSpec spec, Optional<Recovery> recovery) {
        computes.startCalm(spec, recovery);
        steps.reached("start.calm");
        rewind.finish(spec.volume());
        letWork(spec);
    }

    /** Lets a durable cluster's own subscriptions and jobs work from now on: others have none. */
    public void letWork(ComputeSpec spec) {
        if (spec.durability() == Durability.DURABLE) {
            computes.stop(spec.id());
            start(spec);
        }
    }

    /** Libraries that a copy may load, of those that its original loads. */
    public static List<String> librariesOfCopies(List<String> preloadLibraries) {
        return Detachment.withoutSchedulers(preloadLibraries);
    }

    /** Lets everyone sign in whom the database knows. */
    public void open(String computeId) {
        PostgresServer server = server(computeId);
        server.open();
        opened.put(computeId, server);
        steps.reached("open.done");
    }

    /** Has {@link #isOpen} say no from now on, so that who comes waits for whoever is about to stop the server, or opens it again. */
    public void shut(String computeId) {
        opened.remove(computeId);
        steps.reached("shut.done");
    }

    /** Stops the server of this compute; nothing happens when none runs. */
    public void stop(String computeId) {
        opened.remove(computeId);
        computes.stop(computeId);
        steps.reached("stop.done");
    }

    public boolean isRunning(String computeId) {
        return computes.running(computeId).isPresent();
    }

    /** Whether the compute runs and lets everyone in; one that has ended by itself is not open when another server runs for it. */
    public boolean isOpen(String computeId) {
        return computes.running(computeId)
                .filter(server -> server.equals(opened.get(computeId)))
                .isPresent();
    }

    /** What a server on the volume would say against the settings; empty if it takes them. */
    public Optional<String> refusalOf(Map<String, String> pgSettings, VolumeName volume, int major) {
        return installations.get(major).refusalOf(pgSettings, store.open(volume), layout.user());
    }

    /** Whether anyone is signed in to the compute; costs no session. */
    public boolean hasSessions(String computeId) {
        return computes.running(computeId).filter(PostgresServer::hasSessions).isPresent();
    }

    /** Ids of all computes that run. */
    public List<String> running() {
        return computes.running();
    }

    /** Ids of the computes whose server has ended by itself, until they are started or stopped. */
    public List<String> ended() {
        return computes.ended();
    }

    /**
     * Ends the sessions of a server that was killed and is not stopped yet: they may go on writing to the volume.
     *
     * @throws PostgresException if one does not end
     */
    public void endOrphans(VolumeName volume) {
        RunningServers.killOrphans(store.open(volume));
    }

    /** The CPU that the compute's server has used since its start; empty when none runs. */
    public Optional<CpuTime> cpu(String computeId) {
        return computes.running(computeId)
                .flatMap(server -> server.cpuNanos().stream()
                        .mapToObj(nanos -> new CpuTime(server.pid(), nanos))
                        .findFirst());
    }

    /** SQLSTATE of the last error in the log of the compute's server. */
    public Optional<String> lastErrorState(String computeId) {
        return ServerLog.lastErrorState(layout.log(computeId));
    }

    /** Deletes the log of a compute that does not come back: it may quote values of what is gone. */
    public void deleteLog(String computeId) {
        Trees.delete(layout.log(computeId));
    }

    /** Directory of the compute's Unix socket, the same whether it runs or not. */
    public Path socketDirectory(String computeId) {
        return layout.run(computeId).path();
    }

    /** Signs in to a running compute as Espalier's own superuser. */
    public Connection connect(String computeId, String database) throws SQLException {
        return server(computeId).connect(database);
    }

    /** The cluster on the volume, with the compute's server if it runs. */
    public Cluster cluster(VolumeName volume, String computeId) {
        return new Cluster(volume, computes.running(computeId));
    }

    private PostgresServer server(String computeId) {
        return computes.running(computeId)
                .orElseThrow(() -> new EngineException("the compute " + computeId
                        + " does not run: it has stopped by itself. Wake it again; its log is " + layout.log(computeId)
                        + "."));
    }

    // Measures

    /** Position up to which the volume's log is whole, read from its files. */
    public Lsn endOfLog(VolumeName volume) {
        Path data = store.open(volume);
        return ControlFile.read(data).endOfLog(data);
    }

    /** Position that the volume's cluster would begin to replay from. */
    public Lsn replayFrom(VolumeName volume) {
        return ControlFile.read(store.open(volume)).redo();
    }

    /** Whether the segment of the volume's log that holds the position is finished and archived. */
    public boolean isArchived(VolumeName volume, Lsn lsn) {
        return archive(volume).holds(ControlFile.read(store.open(volume)).timeline(), lsn);
    }

    /** Bytes that deleting these volumes together would free. */
    public long exclusiveBytes(Set<VolumeName> volumes) {
        return store.exclusiveBytes(volumes);
    }

    /** Bytes of the volume's archived log that the group does not hold too. */
    public long archiveBytes(VolumeName volume, Set<VolumeName> group) {
        return store.bytesBeside(layout.archive(volume), group);
    }

    /** Removes the volume's archived log before the position. */
    public void deleteArchiveBefore(VolumeName volume, Lsn lsn) {
        archive(volume).deleteBefore(lsn);
    }

    public Space space() {
        return store.space();
    }

    private WalArchive archive(VolumeName volume) {
        return new WalArchive(layout.archive(volume));
    }

    // Start and stop of the whole

    /**
     * Ends what an earlier process has left: servers that still run, and volumes, archives and logs that nobody knows.
     *
     * @param known volumes that are to stay
     * @param computes ids of those that are there, running or not
     */
    public void cleanUp(Set<VolumeName> known, Set<String> computes) {
        layout.prepare();
        RunningServers.stopAll(layout.volumes());
        Trees.empty(layout.runs());
        Set<VolumeName> unknown = new HashSet<>(store.list());
        unknown.removeAll(known);
        deleteUnused(unknown);
        unknown.retainAll(store.list());
        leftOver.addAll(unknown);
        deleteOthers(layout.archives(), known.stream().map(layout::archive).toList());
        deleteOthers(layout.logs(), computes.stream().map(layout::log).toList());
    }

    private static void deleteOthers(Path directory, List<Path> kept) {
        Set<Path> others = new HashSet<>(Trees.children(directory));
        kept.forEach(others::remove);
        others.forEach(Trees::delete);
    }

    /** Deletes what was left because others read from it and do so no longer, and the bases that no fork needs. */
    public void sweep() {
        Set<VolumeName> unused = new HashSet<>(leftOver);
        store.list().stream()
                .filter(volume -> volume.value().contains(Bases.MARK))
                .forEach(unused::add);
        unused.removeAll(bases.inUse());
        deleteUnused(unused);
        leftOver.retainAll(store.list());
    }

    /** Writes a checkpoint for every server that has come to rest, so that a copy of it starts without a replay. */
    public void settle() {
        settling.look(computes.servers());
    }

    /** Keeps the logs of running servers from growing without end. */
    public void trimLogs() {
        for (Path log : Trees.children(layout.logs())) {
            ServerLog.trim(log);
        }
    }

    /** A volume may be in use by another one that goes too, so that it can only be deleted after that one. */
    private void deleteUnused(Set<VolumeName> volumes) {
        Set<VolumeName> left = new HashSet<>(volumes);
        while (left.removeIf(volume -> {
            boolean free = !store.isUsedByForks(volume);
            if (free) {
                store.delete(volume);
                Trees.delete(layout.archive(volume));
            }
            return free;
        })) {}
    }

    /** Stops every compute, several at a time. */
    public void stopAll() {
        computes.running().parallelStream().forEach(computes::stop);
    }
}
