package dev.espalier.governance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A PostgreSQL server of one major version, unpacked from its jar, for the time of the tests. */
final class Server implements AutoCloseable {

    private final int version;
    private final Path home;
    private final int port;

    /** @param settings beside those of all, or in their place */
    Server(int version, String... settings) {
        this.version = version;
        try {
            home = Files.createTempDirectory("espalier-governance-" + version + "-");
            PostgresJar.unpack(version, home);
            run("chown", "-R", "postgres", home.toString());
            runAsPostgres(
                    bin("initdb"),
                    "-D",
                    data(),
                    "-U",
                    "postgres",
                    "-A",
                    "trust",
                    "-E",
                    "UTF8",
                    "--locale=C",
                    "--no-sync");
            // Late, as others may take it meanwhile.
            try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                port = free.getLocalPort();
            }
            runAsPostgres(
                    bin("pg_ctl"),
                    "-D",
                    data(),
                    "-l",
                    home.resolve("log").toString(),
                    "-w",
                    "-t",
                    "60",
                    "-o",
                    options(settings),
                    "start");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    int version() {
        return version;
    }

    /** A session of the superuser's. */
    Connection connect(String database) throws SQLException {
        return connect(database, "postgres");
    }

    /** A session of a role's own, as it signs in. */
    Connection connect(String database, String role) throws SQLException {
        return connect(database, role, "extended");
    }

    /** @param mode as the driver has it: {@code simple} for statements in one message */
    Connection connect(String database, String role, String mode) throws SQLException {
        return DriverManager.getConnection(
                "jdbc:postgresql://127.0.0.1:" + port + "/" + database + "?preferQueryMode=" + mode, role, "");
    }

    /** @param options as postgres takes them on its command line */
    Connection connectWith(String database, String role, String options) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", role);
        properties.setProperty("options", options);
        return DriverManager.getConnection("jdbc:postgresql://127.0.0.1:" + port + "/" + database, properties);
    }

    void execute(String database, String... statements) {
        try (Connection connection = connect(database);
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        } catch (SQLException e) {
            throw new IllegalStateException("PostgreSQL " + version + ": " + e.getMessage(), e);
        }
    }

    @Override
    public void close() throws IOException {
        try {
            runAsPostgres(bin("pg_ctl"), "-D", data(), "-m", "immediate", "-w", "stop");
        } finally {
            delete(home);
        }
    }

    private String options(String... settings) {
        return "-F -p " + port + " -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c full_page_writes=off"
                + " -c synchronous_commit=off -c max_wal_senders=0 -c wal_level=minimal -c autovacuum=off"
                + " -c max_locks_per_transaction=1000 -c max_prepared_transactions=2 -c shared_buffers=64MB"
                + String.join("", Stream.of(settings).map(each -> " -c " + each).toList());
    }

    private String bin(String program) {
        return home.resolve("bin").resolve(program).toString();
    }

    private String data() {
        return home.resolve("data").toString();
    }

    /** PostgreSQL refuses to run as root. */
    private static void runAsPostgres(String... command) throws IOException {
        List<String> words = new ArrayList<>();
        if (System.getProperty("user.name").equals("root")) {
            words.addAll(List.of("setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"));
        }
        words.addAll(List.of(command));
        run(words.toArray(String[]::new));
    }

    private static void run(String... command) throws IOException {
        Path output = Files.createTempFile("espalier-governance", ".out");
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            if (!process.waitFor(90, TimeUnit.SECONDS) || process.exitValue() != 0) {
                process.destroyForcibly();
                throw new IOException(String.join(" ", command) + " failed: " + Files.readString(output));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } finally {
            Files.delete(output);
        }
    }

    private static void delete(Path directory) throws IOException {
        Files.walkFileTree(directory, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path each, IOException failure) throws IOException {
                Files.delete(each);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
