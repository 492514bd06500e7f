package dev.espalier.schema;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorInputStream;

/** A PostgreSQL server of one major version, unpacked from its jar, for the time of the tests. */
final class Server implements AutoCloseable {

    private static final List<String> ROLES =
            List.of("shop_owner", "reader", "writer", "\"Mixed Role\"", "\"it's; \"\"$$\"");

    private final int version;
    private final Path home;
    private final int port;

    Server(int version) {
        this.version = version;
        try {
            home = Files.createTempDirectory("espalier-schema-" + version + "-");
            unpack(Path.of("target", "postgres", version + ".jar"), home);
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
                    options(),
                    "start");
            execute(
                    "postgres",
                    ROLES.stream().map(role -> "CREATE ROLE " + role).toArray(String[]::new));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    int version() {
        return version;
    }

    Connection connect(String database) throws SQLException {
        return DriverManager.getConnection(
                "jdbc:postgresql://127.0.0.1:" + port + "/" + database + "?escapeSyntaxCallMode=select",
                "postgres",
                "");
    }

    /** Makes a database, a copy of the template if one is named. */
    void create(String database, String template) {
        execute("postgres", "CREATE DATABASE " + database + " TEMPLATE " + template);
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

    private String options() {
        return "-F -p " + port + " -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c full_page_writes=off"
                + " -c synchronous_commit=off -c max_wal_senders=0 -c wal_level=minimal -c autovacuum=off"
                + " -c max_locks_per_transaction=1000 -c shared_buffers=64MB";
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
        Path output = Files.createTempFile("espalier-schema", ".out");
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

    private static void unpack(Path jar, Path target) throws IOException {
        Files.setPosixFilePermissions(target, PosixFilePermissions.fromString("rwxr-xr-x"));
        try (ZipInputStream zip = new ZipInputStream(Files.newInputStream(jar))) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                if (entry.getName().endsWith(".txz")) {
                    untar(new XZCompressorInputStream(zip), target);
                    return;
                }
            }
        }
        throw new IOException(jar + " holds no archive. Build the module with Maven, which puts it there.");
    }

    private static void untar(InputStream archive, Path target) throws IOException {
        TarArchiveInputStream tar = new TarArchiveInputStream(archive);
        for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
            Path path = target.resolve(entry.getName()).normalize();
            if (entry.isDirectory()) {
                Files.createDirectories(path);
                continue;
            }
            Files.createDirectories(path.getParent());
            if (entry.isSymbolicLink()) {
                Files.createSymbolicLink(path, Path.of(entry.getLinkName()));
            } else {
                Files.copy(tar, path);
                boolean executable = (entry.getMode() & 0100) != 0;
                Files.setPosixFilePermissions(
                        path, PosixFilePermissions.fromString(executable ? "rwxr-xr-x" : "rw-r--r--"));
            }
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
