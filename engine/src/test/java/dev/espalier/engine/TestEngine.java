package dev.espalier.engine;

import dev.espalier.postgres.Installations;
import dev.espalier.postgres.OsUser;
import dev.espalier.postgres.RunningServers;
import dev.espalier.postgres.ServerSettings.Durability;
import dev.espalier.storage.Backend;
import dev.espalier.storage.Backends;
import dev.espalier.storage.Owner;
import dev.espalier.storage.VolumeName;
import dev.espalier.storage.VolumeStore;
import dev.espalier.testing.TestInstallations;
import dev.espalier.testing.TestWait;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** An engine on real storage with real servers. Each volume's server has the volume's name. */
final class TestEngine implements AutoCloseable {

    static final int MAJOR = Installations.BUNDLED;

    private static final OsUser USER = OsUser.forPostgres("espalier");

    final Engine engine;
    final VolumeStore store;
    final Layout layout;
    private final TestDisk disk;

    TestEngine(Backend backend) {
        this(TestDisk.of(backend), backend, store -> store);
    }

    /** @param faults puts something between the engine and its storage */
    TestEngine(TestDisk disk, Backend backend, UnaryOperator<VolumeStore> faults) {
        this.disk = disk;
        this.store = faults.apply(new Backends(disk.path(), new Owner(USER.uid(), USER.gid())).open(backend));
        this.layout = new Layout(
                disk.path().resolve("volumes"),
                disk.path().resolve("volumes/.wal"),
                disk.path().resolve("run"),
                disk.path().resolve("log"),
                USER);
        layout.prepare();
        this.engine = restarted();
    }

    /** An engine on the same storage, as a new process would make it. */
    Engine restarted() {
        return new Engine(store, layout, TestInstallations.all(), step -> {});
    }

    /** Makes an empty cluster. */
    VolumeName initialise(String name, int major) {
        VolumeName volume = new VolumeName(name);
        engine.initialise(volume, major);
        return volume;
    }

    void start(VolumeName volume, Durability durability) {
        start(spec(volume, MAJOR, durability, List.of()));
    }

    /** Starts the server and lets everyone in. */
    void start(ComputeSpec spec) {
        engine.start(spec);
        engine.open(spec.id());
    }

    /** Starts a server on a fork, or on a rewound volume. */
    void startCopy(VolumeName volume, Optional<Recovery> recovery) {
        startCopy(spec(volume, MAJOR, Durability.DISPOSABLE, List.of()), recovery, List.of(), false);
    }

    /** Starts a server on a copy, as branches are started. */
    void startCopy(ComputeSpec spec, Optional<Recovery> recovery, List<String> libraries, boolean renewPasswords) {
        engine.startCopy(spec, recovery, libraries, "app", renewPasswords);
        engine.open(spec.id());
    }

    static ComputeSpec spec(VolumeName volume, int major, Durability durability, List<String> libraries) {
        return new ComputeSpec(
                volume.value(),
                volume,
                major,
                durability,
                0.5,
                0.5,
                Map.of("track_commit_timestamp", "on"),
                libraries,
                Optional.empty());
    }

    Cluster cluster(VolumeName volume) {
        return engine.cluster(volume, volume.value());
    }

    void stop(VolumeName volume) {
        engine.stop(volume.value());
    }

    /** Ends the server as a crash would. */
    void crash(VolumeName volume) {
        RunningServers.stopAll(layout.volumes().resolve(volume.value()));
        TestWait.until("its end to be seen", () -> !engine.isRunning(volume.value()));
    }

    /** Stops the server and removes the volume. */
    void drop(VolumeName volume) {
        stop(volume);
        engine.delete(volume);
    }

    /** A session of the superuser. */
    Connection connect(VolumeName volume) throws SQLException {
        Connection session = engine.connect(volume.value(), "postgres");
        try (var statement = session.createStatement()) {
            // Espalier's own sessions see nothing of their users' by itself.
            statement.execute("SET search_path = public");
        }
        return session;
    }

    void execute(VolumeName volume, String... statements) throws SQLException {
        try (Connection session = connect(volume);
                var statement = session.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    String query(VolumeName volume, String sql) throws SQLException {
        try (Connection session = connect(volume)) {
            return query(session, sql);
        }
    }

    /** The first column of the first row. */
    static String query(Connection session, String sql) throws SQLException {
        try (var statement = session.createStatement();
                var rows = statement.executeQuery(sql)) {
            rows.next();
            return String.valueOf(rows.getString(1));
        }
    }

    @Override
    public void close() {
        RunningServers.stopAll(layout.volumes());
        disk.close();
    }
}
