package dev.espalier.benchmarks;

import dev.espalier.postgres.OsUser;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/** PgBouncer in session mode before one server's Unix socket: the yardstick for a proxy that relays sessions. */
final class PgBouncer implements AutoCloseable {

    private static final Path PROGRAM = Path.of("/usr/sbin/pgbouncer");
    private static final long START_NANOS = 10_000_000_000L;
    private static final long POLL_NANOS = 20_000_000;

    private final Process process;
    private final int port;

    private PgBouncer(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    static boolean isInstalled() {
        return Files.isExecutable(PROGRAM);
    }

    /**
     * Starts one; whoever connects to it becomes the server's superuser, as far as the server lets this process' user.
     *
     * @param directory for its files, which the user can reach
     */
    static PgBouncer start(Path socketDirectory, Path directory, OsUser user) throws IOException, InterruptedException {
        Files.createDirectories(directory);
        Path key = directory.resolve("key.pem");
        Path certificate = directory.resolve("certificate.pem");
        Process openssl = new ProcessBuilder(
                        "openssl",
                        "req",
                        "-x509",
                        "-newkey",
                        "ec",
                        "-pkeyopt",
                        "ec_paramgen_curve:P-256",
                        "-nodes",
                        "-days",
                        "2",
                        "-subj",
                        "/CN=localhost",
                        "-keyout",
                        key.toString(),
                        "-out",
                        certificate.toString())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("openssl.log").toFile())
                .start();
        if (openssl.waitFor() != 0) {
            throw new IOException("openssl made no certificate: " + Files.readString(directory.resolve("openssl.log")));
        }
        int port = freePort();
        Path settings = directory.resolve("pgbouncer.ini");
        Files.writeString(settings, """
                [databases]
                * = host=%s port=5432 user=espalier
                [pgbouncer]
                listen_addr = 127.0.0.1
                listen_port = %d
                unix_socket_dir =
                auth_type = any
                pool_mode = session
                max_client_conn = 2000
                default_pool_size = 1100
                ignore_startup_parameters = extra_float_digits
                log_connections = 0
                log_disconnections = 0
                client_tls_sslmode = allow
                client_tls_key_file = %s
                client_tls_cert_file = %s
                """.formatted(socketDirectory, port, key, certificate));
        for (Path file : List.of(directory, key, certificate, settings)) {
            user.own(file);
        }
        Process process = new ProcessBuilder(user.command(List.of(PROGRAM.toString(), settings.toString())))
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("pgbouncer.log").toFile())
                .start();
        PgBouncer made = new PgBouncer(process, port);
        long end = System.nanoTime() + START_NANOS;
        while (!made.listens()) {
            if (!process.isAlive() || System.nanoTime() > end) {
                throw new IOException(
                        "PgBouncer did not start: " + Files.readString(directory.resolve("pgbouncer.log")));
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
        return made;
    }

    private boolean listens() {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    int port() {
        return port;
    }

    long pid() {
        return process.pid();
    }

    @Override
    public void close() {
        process.destroy();
        process.onExit().join();
    }
}
