package dev.espalier.engine;

import dev.espalier.postgres.Installations;
import dev.espalier.postgres.PostgresInstallation;
import dev.espalier.postgres.PostgresServer;
import dev.espalier.postgres.RunDirectory.Door;
import dev.espalier.postgres.ServerSettings;
import dev.espalier.postgres.ServerSettings.Durability;
import dev.espalier.postgres.ServerSize;
import dev.espalier.storage.VolumeStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The running servers, by the id of their compute. */
final class Computes {

    private static final Duration START = Duration.ofMinutes(2);
    private static final Duration STOP = Duration.ofMinutes(1);

    private final VolumeStore store;
    private final Layout layout;
    private final Installations installations;
    private final Map<String, PostgresServer> running = new ConcurrentHashMap<>();

    Computes(VolumeStore store, Layout layout, Installations installations) {
        this.store = store;
        this.layout = layout;
        this.installations = installations;
    }

    /**
     * Starts a server that only Espalier itself can sign in to.
     *
     * @param recovery replay that has to happen first; null for none
     */
    PostgresServer start(ComputeSpec spec, @Nullable Recovery recovery) {
        PostgresInstallation installation = installations.get(spec.major());
        Path data = store.open(spec.volume());
        WalArchive archive = archive(spec);
        layout.privateDirectory(archive.directory());
        ServerSettings settings = ServerSettings.of(
                installation, spec.id(), spec.durability(), size(spec), archive.archiveCommand(durable(spec)));
        settings.set("shared_preload_libraries", String.join(",", spec.preloadLibraries()));
        if (recovery != null) {
            signal(data, "recovery.signal");
            recovery.settings().forEach(settings::set);
        }
        spec.follows().ifPresent(primary -> {
            signal(data, "standby.signal");
            settings.set(
                            "primary_conninfo",
                            "host=" + layout.run(primary.id()).path() + " user=" + PostgresInstallation.SUPERUSER)
                    .set(
                            "restore_command",
                            WalArchive.restoreCommand(List.of(
                                    layout.archives().resolve(primary.volume().value()))));
        });
        PostgresServer server = PostgresServer.start(
                new PostgresServer.Launch(
                        installation,
                        layout.user(),
                        data,
                        layout.run(spec.id()),
                        settings.values(),
                        spec.pgSettings(),
                        Door.FENCED,
                        layout.log(spec.id())),
                START);
        running.put(spec.id(), server);
        return server;
    }

    /** Stops the server of this compute; nothing happens when none runs. */
    void stop(String id) {
        PostgresServer server = running.remove(id);
        if (server != null && server.isRunning()) {
            server.stop(PostgresServer.Stop.FAST, STOP);
        } else {
            layout.run(id).delete();
        }
    }

    Optional<PostgresServer> running(String id) {
        PostgresServer server = running.get(id);
        return server != null && server.isRunning() ? Optional.of(server) : Optional.empty();
    }

    /** Ids of all computes that run. */
    List<String> running() {
        return running.entrySet().stream()
                .filter(entry -> entry.getValue().isRunning())
                .map(Map.Entry::getKey)
                .toList();
    }

    private WalArchive archive(ComputeSpec spec) {
        return new WalArchive(layout.archives().resolve(spec.volume().value()));
    }

    private static boolean durable(ComputeSpec spec) {
        return spec.durability() == Durability.DURABLE;
    }

    private static ServerSize size(ComputeSpec spec) {
        double most = spec.follows()
                .map(primary -> Math.max(primary.maxCu(), spec.maxCu()))
                .orElse(spec.maxCu());
        return ServerSize.ofComputeUnits(spec.minCu(), most);
    }

    private void signal(Path data, String name) {
        try {
            Path file = data.resolve(name);
            Files.write(file, new byte[0]);
            layout.user().own(file);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write into " + data, e);
        }
    }
}
