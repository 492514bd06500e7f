package dev.espalier.postgres;

import dev.espalier.postgres.RunDirectory.Door;
import dev.espalier.postgres.ServerSettings.Durability;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** A server of the bundled PostgreSQL with data of its own, which {@link RunningServers#stopAll} ends. */
final class TestServer {

    private static final Duration DEADLINE = Duration.ofSeconds(30);

    private TestServer() {}

    /**
     * Starts it.
     *
     * @param directory for all that it needs; {@code data} in it is the data directory
     * @param more settings
     */
    static PostgresServer start(Path directory, Map<String, String> more) throws Exception {
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        OsUser user = OsUser.forPostgres("espalier");
        PostgresInstallation installation =
                Installations.find(directory.resolve("postgresql"), List.of()).get(Installations.BUNDLED);
        Path data = Files.createDirectory(directory.resolve("data"));
        Files.setPosixFilePermissions(data, PosixFilePermissions.fromString("rwx------"));
        user.own(data);
        installation.initialise(data, user);
        ServerSettings settings = ServerSettings.of(
                installation, "test", Durability.DISPOSABLE, ServerSize.ofComputeUnits(0.5, 0.5), "false");
        for (var each : more.entrySet()) {
            settings = settings.set(each.getKey(), each.getValue());
        }
        return PostgresServer.start(
                new PostgresServer.Launch(
                        installation,
                        user,
                        data,
                        new RunDirectory(directory.resolve("run")),
                        settings.values(),
                        Map.of(),
                        Door.FENCED,
                        directory.resolve("log")),
                DEADLINE);
    }
}
