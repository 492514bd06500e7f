package dev.espalier.cli;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/**
 * A program that behaves towards its home as the server does: locks it, answers at /health and writes server.json, or ends
 * with a reason when an argument says {@code --broken} or {@code --unknown}; with {@code --slow} its start takes for ever. It is
 * started with the server's class name among its arguments.
 */
final class ServerStandIn {
    private static @Nullable FileChannel lock;

    private ServerStandIn() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        List<String> words = List.of(arguments);
        if (words.contains("stop-left")) {
            System.out.println(System.getenv().getOrDefault("LEFT", "0"));
            return;
        }
        if (words.contains("--unknown")) {
            System.err.println("\"unknown\" in the command line is no setting");
            System.exit(2);
        }
        if (words.contains("check")) {
            return;
        }
        if (words.contains("--broken")) {
            System.err.println("There is no file system that can share blocks. Run ./espalier doctor --fix.");
            System.exit(1);
        }
        Path home = Path.of(System.getenv("ESPALIER_HOME"));
        lock(home);
        if (words.contains("--slow")) {
            new CountDownLatch(1).await();
        }
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/health", exchange -> {
            try (exchange) {
                exchange.sendResponseHeaders(200, -1);
            }
        });
        System.out.println("started with " + String.join(" ", arguments));
        server.start();
        Path fresh = Files.writeString(home.resolve("server.json.new"), """
                {"pid":%d,"http_url":"http://127.0.0.1:%d"}""".formatted(
                        ProcessHandle.current().pid(), server.getAddress().getPort()));
        Files.move(fresh, home.resolve("server.json"), StandardCopyOption.ATOMIC_MOVE);
    }

    /** Until this process ends: a channel that nothing refers to would be closed. */
    private static void lock(Path home) throws IOException {
        FileChannel file = FileChannel.open(home.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        if (file.tryLock() == null) {
            throw new IOException("another process holds " + home);
        }
        lock = file;
        file.write(ByteBuffer.wrap(Long.toString(ProcessHandle.current().pid()).getBytes(StandardCharsets.UTF_8)));
    }
}
