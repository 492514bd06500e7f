package dev.espalier.demo;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A real PostgreSQL 18 for the tests of this module, on a free loopback port behind a password, gone when closed. */
final class TestServer implements AutoCloseable {

    private static final String BINARIES = "/postgres-linux-x86_64.txz";

    /** PostgreSQL refuses to run as root; Debian's account for it then runs the server. */
    private static final String ACCOUNT = "postgres";

    private final Path home;
    private final String password = UUID.randomUUID().toString();
    private final int port;

    private TestServer(Path home, int port) {
        this.home = home;
        this.port = port;
    }

    static TestServer start() throws IOException {
        Path home = Files.createTempDirectory(
                "catalog-test", PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        TestServer server = new TestServer(home, freePort());
        try {
            server.unpack();
            server.initialize();
            server.pgCtl("start", "-w", "-l", home.resolve("log").toString(), "-o", server.settings());
        } catch (IOException | RuntimeException e) {
            server.delete();
            throw e;
        }
        return server;
    }

    /** A connection to a new, empty database of its own. */
    Connection newDatabase(String name) throws SQLException {
        try (Connection connection = connect("postgres");
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE DATABASE " + name);
        }
        return connect(name);
    }

    void drop(String name) throws SQLException {
        try (Connection connection = connect("postgres");
                Statement statement = connection.createStatement()) {
            statement.execute("DROP DATABASE " + name);
        }
    }

    @Override
    public void close() throws IOException {
        try {
            pgCtl("stop", "-w", "-m", "immediate");
        } finally {
            delete();
        }
    }

    Connection connect(String database) throws SQLException {
        return DriverManager.getConnection("jdbc:postgresql://127.0.0.1:" + port + "/" + database, ACCOUNT, password);
    }

    private void unpack() throws IOException {
        Path archive = home.resolve("postgres.txz");
        try (InputStream in = Objects.requireNonNull(
                TestServer.class.getResourceAsStream(BINARIES), "PostgreSQL's binaries for linux x86_64")) {
            Files.copy(in, archive);
        }
        run(List.of("tar", "-xJf", archive.toString(), "-C", home.toString()));
        Files.delete(archive);
    }

    private void initialize() throws IOException {
        Path passwordFile = Files.writeString(home.resolve("password"), password);
        if (isRoot()) {
            run(List.of("chown", "-R", ACCOUNT, home.toString()));
        }
        runAsAccount(List.of(
                binary("initdb"),
                "--pgdata=" + home.resolve("data"),
                "--username=" + ACCOUNT,
                "--pwfile=" + passwordFile,
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale-provider=builtin",
                "--locale=C.UTF-8",
                "--no-sync"));
    }

    private String settings() {
        return "-c listen_addresses=127.0.0.1 -c port=" + port + " -c unix_socket_directories='" + home
                + "' -c fsync=off -c autovacuum=off -c max_wal_size=4GB";
    }

    private void pgCtl(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(
                List.of(binary("pg_ctl"), "-D", home.resolve("data").toString()));
        command.addAll(List.of(arguments));
        runAsAccount(command);
    }

    private String binary(String name) {
        return home.resolve("bin").resolve(name).toString();
    }

    private static boolean isRoot() {
        return System.getProperty("user.name").equals("root");
    }

    private void runAsAccount(List<String> command) throws IOException {
        List<String> full = new ArrayList<>();
        if (isRoot()) {
            full.addAll(List.of("setpriv", "--reuid=" + ACCOUNT, "--regid=" + ACCOUNT, "--clear-groups"));
        }
        full.addAll(command);
        run(full);
    }

    private void run(List<String> command) throws IOException {
        // Output goes to a file: a server started in the background would keep a pipe open for ever.
        Path output = home.resolve("output");
        Process process = new ProcessBuilder(command)
                .directory(home.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
                process.destroyForcibly();
                throw new IOException(command + " failed: " + Files.readString(output));
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new IOException(command + " was interrupted", e);
        }
    }

    private void delete() throws IOException {
        try (Stream<Path> files = Files.walk(home)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
