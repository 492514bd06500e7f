package dev.espalier.engine;

import dev.espalier.postgres.Installations;
import dev.espalier.postgres.PostgresException;
import dev.espalier.postgres.PostgresInstallation;
import dev.espalier.postgres.PostgresServer;
import dev.espalier.postgres.RunDirectory.Door;
import dev.espalier.postgres.RunningServers;
import dev.espalier.postgres.ServerSettings;
import dev.espalier.postgres.ServerSettings.Durability;
import dev.espalier.postgres.ServerSize;
import dev.espalier.storage.VolumeName;
import dev.espalier.storage.VolumeStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/** The running servers, by the id of their compute. */
final class Computes {

    private static final Duration LONGEST_STANDSTILL = Duration.ofMinutes(2);
    private static final String FIRST_SEGMENT = "000000010000000000000000";
    private static final Duration STOP = Duration.ofMinutes(1);

    /** How long a reader may keep a replica from replaying what came to it; PostgreSQL ends his statement or session then. */
    private static final String REPLAY_WAITS = "3s";

    private final VolumeStore store;
    private final Layout layout;
    private final Installations installations;
    private final Map<String, PostgresServer> running = new ConcurrentHashMap<>();

    Computes(VolumeStore store, Layout layout, Installations installations) {
        this.store = store;
        this.layout = layout;
        this.installations = installations;
    }

    /** Starts a server that only Espalier itself can sign in to. */
    PostgresServer start(ComputeSpec spec) {
        return start(spec, settings(spec));
    }

    /** As {@link #start}, after the replay, and with nothing at work that acts by itself: subscriptions, scheduled jobs. */
    PostgresServer startCalm(ComputeSpec spec, Optional<Recovery> recovery) {
        ServerSettings settings = settings(spec)
                .set("max_logical_replication_workers", "0")
                .set("shared_preload_libraries", joined(Detachment.withoutSchedulers(spec.preloadLibraries())));
        recovery.ifPresent(replay -> {
            signal(store.open(spec.volume()), "recovery.signal");
            replay.settings().forEach(settings::set);
        });
        return start(spec, settings);
    }

    private ServerSettings settings(ComputeSpec spec) {
        WalArchive archive = archive(spec);
        ServerSettings settings = ServerSettings.of(
                        installations.get(spec.major()),
                        spec.id(),
                        spec.durability(),
                        size(spec),
                        archive.archiveCommand(durable(spec)))
                .set("shared_preload_libraries", joined(spec.preloadLibraries()));
        spec.follows()
                .ifPresent(primary -> settings.set(
                                "primary_conninfo",
                                "host=" + layout.run(primary.id()).path() + " user=" + PostgresInstallation.SUPERUSER)
                        .set("restore_command", WalArchive.restoreCommand(List.of(layout.archive(primary.volume()))))
                        // Rules come by the log, too.
                        .set("max_standby_streaming_delay", REPLAY_WAITS)
                        .set("max_standby_archive_delay", REPLAY_WAITS)
                        // Lest a vacuum of the primary end every longer statement.
                        .set("hot_standby_feedback", "on"));
        return settings;
    }

    private PostgresServer start(ComputeSpec spec, ServerSettings settings) {
        Path data = store.open(spec.volume());
        layout.privateDirectory(archive(spec).directory());
        if (spec.follows().isPresent()) {
            signal(data, "standby.signal");
        }
        PostgresServer server = spec.follows().isPresent()
                ? launch(spec, data, settings.values())
                : launchWithRoom(spec, data, settings.values());
        running.put(spec.id(), server);
        return server;
    }

    /** Launches a server that can be signed in to, see {@link FullLockTable}. */
    private PostgresServer launchWithRoom(ComputeSpec spec, Path data, Map<String, String> settings) {
        try {
            PostgresServer server = launch(spec, data, settings);
            if (!FullLockTable.is(server)) {
                return server;
            }
            server.stop(PostgresServer.Stop.FAST, STOP);
        } catch (PostgresException e) {
            if (!FullLockTable.keepsFromStarting(e)) {
                throw e;
            }
        }
        PostgresServer roomy = launch(spec, data, FullLockTable.withRoom(settings, spec.major()));
        try {
            FullLockTable.empty(roomy);
        } finally {
            roomy.stop(PostgresServer.Stop.FAST, STOP);
        }
        return launch(spec, data, settings);
    }

    private PostgresServer launch(ComputeSpec spec, Path data, Map<String, String> settings) {
        return PostgresServer.start(
                new PostgresServer.Launch(
                        installations.get(spec.major()),
                        layout.user(),
                        data,
                        layout.run(spec.id()),
                        settings,
                        spec.pgSettings(),
                        Door.FENCED,
                        layout.log(spec.id())),
                LONGEST_STANDSTILL,
                spec.follows().map(primary -> lastSegment(primary.id())));
    }

    /** What the primary is writing; where it does not tell, the first of all: a replica then has to be ready in time. */
    private String lastSegment(String primary) {
        PostgresServer server = running.get(primary);
        if (server == null || !server.isRunning()) {
            return FIRST_SEGMENT;
        }
        try (Connection session = server.connect("postgres");
                var statement = session.createStatement();
                var rows = statement.executeQuery("SELECT pg_walfile_name(pg_current_wal_lsn())")) {
            rows.next();
            return rows.getString(1);
        } catch (SQLException e) {
            return FIRST_SEGMENT;
        }
    }

    /** Stops the server of this compute; nothing happens when none runs. */
    void stop(String id) {
        PostgresServer server = running.remove(id);
        if (server != null && server.isRunning()) {
            server.stop(PostgresServer.Stop.FAST, STOP);
            Path data = server.launch().dataDirectory();
            Padding.release(layout.archive(new VolumeName(data.getFileName().toString())), data.resolve("pg_wal"));
        } else {
            if (server != null) {
                // Its sessions may have outlived it.
                RunningServers.killOrphans(server.launch().dataDirectory());
            }
            layout.run(id).delete();
        }
    }

    Optional<PostgresServer> running(String id) {
        PostgresServer server = running.get(id);
        return server != null && server.isRunning() ? Optional.of(server) : Optional.empty();
    }

    /** All servers that run, by the id of their compute. */
    Map<String, PostgresServer> servers() {
        return running.entrySet().stream()
                .filter(entry -> entry.getValue().isRunning())
                .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    /** Ids of the computes that nobody has stopped and whose server does not run. */
    List<String> ended() {
        return running.entrySet().stream()
                .filter(entry -> !entry.getValue().isRunning())
                .map(Map.Entry::getKey)
                .toList();
    }

    /** Ids of all computes that run. */
    List<String> running() {
        return List.copyOf(servers().keySet());
    }

    private WalArchive archive(ComputeSpec spec) {
        return new WalArchive(layout.archive(spec.volume()));
    }

    private static String joined(List<String> libraries) {
        return String.join(",", libraries);
    }

    private static boolean durable(ComputeSpec spec) {
        return spec.durability() == Durability.DURABLE;
    }

    private static ServerSize size(ComputeSpec spec) {
        double most = spec.follows()
                .map(primary -> Math.max(primary.largestCu(), spec.maxCu()))
                .orElse(spec.maxCu());
        return ServerSize.ofComputeUnits(spec.minCu(), most);
    }

    private void signal(Path data, String name) {
        try {
            Path file = data.resolve(name);
            Files.deleteIfExists(file);
            Files.write(file, new byte[0], StandardOpenOption.CREATE_NEW);
            layout.user().own(file);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write into " + data, e);
        }
    }
}
