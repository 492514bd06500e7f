package dev.espalier.journal;

import dev.espalier.postgres.OsUser;
import dev.espalier.postgres.PostgresInstallation;
import dev.espalier.postgres.PostgresServer;
import dev.espalier.postgres.RunDirectory;
import dev.espalier.postgres.RunningServers;
import dev.espalier.postgres.UnixSockets;
import dev.espalier.testing.TestInstallations;
import dev.espalier.testing.TestWait;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.sql.DataSource;

/** A real PostgreSQL with a database {@code system}, below a directory of the test's. */
final class TestPostgres implements AutoCloseable {

    private static final Duration DEADLINE = Duration.ofSeconds(60);

    private final Path directory;
    private final OsUser user;
    private final PostgresInstallation installation;
    private PostgresServer server;
    private boolean hasMigrated;

    TestPostgres(Path directory) throws Exception {
        this.directory = directory;
        this.user = OsUser.forPostgres("espalier");
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        this.installation = TestInstallations.bundled();
        Path data = Files.createDirectory(directory.resolve("data"));
        Files.setPosixFilePermissions(data, PosixFilePermissions.fromString("rwx------"));
        user.own(data);
        installation.initialise(data, user);
        start();
        newDatabase();
    }

    void start() {
        server = PostgresServer.start(
                new PostgresServer.Launch(
                        installation,
                        user,
                        directory.resolve("data"),
                        new RunDirectory(directory.resolve("run")),
                        Map.of(
                                "listen_addresses",
                                "",
                                "shared_buffers",
                                "64MB",
                                "log_destination",
                                "stderr",
                                // The tests kill processes, never the machine.
                                "fsync",
                                "off"),
                        Map.of(),
                        RunDirectory.Door.OPEN,
                        directory.resolve("log")),
                DEADLINE);
    }

    /** SIGKILL to its first process; the others end by themselves. */
    void kill() {
        ProcessHandle server = ProcessHandle.of(this.server.pid()).orElseThrow();
        List<ProcessHandle> all =
                Stream.concat(Stream.of(server), server.descendants()).toList();
        server.destroyForcibly();
        server.onExit().join();
        // Where nobody takes note of their end they stay listed, without what they were.
        TestWait.until(
                "its processes to end",
                () -> all.stream().allMatch(process -> process.info().command().isEmpty()));
    }

    void startIfStopped() {
        if (RunningServers.on(directory).isEmpty()) {
            start();
        }
    }

    /** An empty database {@code system}. */
    void newDatabase() throws SQLException {
        newDatabase("template1");
    }

    /** A database {@code system} with the journal's tables, and nothing in them. */
    void newMigratedDatabase() throws SQLException {
        if (!hasMigrated) {
            onServer("CREATE DATABASE migrated");
            JournalSchema.migrate(database(directory, "migrated"));
            hasMigrated = true;
        }
        newDatabase("migrated");
    }

    private void newDatabase(String template) throws SQLException {
        onServer(
                "DROP DATABASE IF EXISTS system WITH (FORCE)",
                "CREATE DATABASE system TEMPLATE " + template + " STRATEGY FILE_COPY");
    }

    private void onServer(String... statements) throws SQLException {
        try (Connection session = server.connect("postgres");
                var statement = session.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    DataSource system() {
        return system(directory);
    }

    /** That of the server below the directory, which another process may have started. */
    static DataSource system(Path directory) {
        return database(directory, "system");
    }

    private static DataSource database(Path directory, String name) {
        return UnixSockets.dataSource(directory.resolve("run"), name, PostgresInstallation.SUPERUSER);
    }

    String query(String sql) throws SQLException {
        return rows(sql).getFirst();
    }

    /** The first column. */
    List<String> rows(String sql) throws SQLException {
        try (Connection session = system().getConnection();
                var statement = session.createStatement();
                var rows = statement.executeQuery(sql)) {
            List<String> found = new ArrayList<>();
            while (rows.next()) {
                found.add(rows.getString(1));
            }
            return found;
        }
    }

    /** As days of running leave it: retention believes a clock that says so. */
    void timeHasGoneTo(Instant time) throws SQLException {
        execute("INSERT INTO journal.retention_clock (time) VALUES ('" + time
                + "') ON CONFLICT (one) DO UPDATE SET time = excluded.time, far_seconds = NULL");
    }

    void execute(String... commands) throws SQLException {
        try (Connection session = system().getConnection();
                var statement = session.createStatement()) {
            for (String command : commands) {
                statement.execute(command);
            }
        }
    }

    @Override
    public void close() {
        RunningServers.stopAll(directory);
    }
}
