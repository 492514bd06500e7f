package dev.espalier.gateway;

import dev.espalier.postgres.OsUser;
import dev.espalier.postgres.PostgresInstallation;
import dev.espalier.postgres.PostgresServer;
import dev.espalier.postgres.RunDirectory;
import dev.espalier.postgres.RunDirectory.Door;
import dev.espalier.postgres.ServerSettings;
import dev.espalier.postgres.ServerSettings.Durability;
import dev.espalier.postgres.ServerSize;
import dev.espalier.postgres.UnixSockets;
import dev.espalier.testing.TestInstallations;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Comparator;
import java.util.Map;
import java.util.stream.Stream;

/** A PostgreSQL 18 with database {@code catalog} and the roles {@code ann} and {@code bob}. */
final class TestServer implements AutoCloseable {

    private static final Duration DEADLINE = Duration.ofSeconds(60);

    private final Path home;
    private final PostgresServer server;

    private TestServer(Path home, PostgresServer server) {
        this.home = home;
        this.server = server;
    }

    static TestServer start() throws Exception {
        Path home = Files.createTempDirectory("gw");
        Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwxr-xr-x"));
        OsUser user = OsUser.forPostgres("espalier");
        PostgresInstallation installation = TestInstallations.bundled();
        Path data = Files.createDirectory(home.resolve("data"));
        Files.setPosixFilePermissions(data, PosixFilePermissions.fromString("rwx------"));
        user.own(data);
        installation.initialise(data, user);
        Map<String, String> settings = ServerSettings.of(
                        installation, "test", Durability.DISPOSABLE, ServerSize.ofComputeUnits(1, 2), "true")
                .values();
        PostgresServer server = PostgresServer.start(
                new PostgresServer.Launch(
                        installation,
                        user,
                        data,
                        new RunDirectory(home.resolve("run")),
                        settings,
                        Map.of("restart_after_crash", "on"),
                        Door.OPEN,
                        home.resolve("log")),
                DEADLINE);
        TestServer made = new TestServer(home, server);
        made.execute("postgres", "CREATE ROLE ann LOGIN", "CREATE ROLE bob LOGIN", "CREATE DATABASE catalog OWNER ann");
        return made;
    }

    Path socketDirectory() {
        return home.resolve("run");
    }

    Path log() {
        return home.resolve("log");
    }

    /** As the superuser, past the gateway. */
    Connection connect(String database) throws SQLException {
        return UnixSockets.dataSource(socketDirectory(), database, PostgresInstallation.SUPERUSER)
                .getConnection();
    }

    void execute(String database, String... statements) throws SQLException {
        try (Connection connection = connect(database);
                var statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    /** What all processes of the server have used since its start. */
    long cpuNanos() {
        return server.cpuNanos().orElseThrow();
    }

    String value(String sql) throws SQLException {
        try (Connection connection = connect("catalog");
                var statement = connection.createStatement();
                var rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getString(1);
        }
    }

    @Override
    public void close() {
        server.stop(PostgresServer.Stop.IMMEDIATE, DEADLINE);
        try (Stream<Path> all = Files.walk(home)) {
            for (Path file : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
