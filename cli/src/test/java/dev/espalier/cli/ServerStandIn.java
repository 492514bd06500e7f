package dev.espalier.cli;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/**
 * A program that behaves towards its home as the server does: answers at /health and writes server.json, or ends with a
 * reason when an argument says {@code --broken} or {@code --unknown}. It is started with the server's class name among its arguments.
 */
final class ServerStandIn {
    private ServerStandIn() {}

    public static void main(String[] arguments) throws IOException {
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
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/health", exchange -> {
            try (exchange) {
                exchange.sendResponseHeaders(200, -1);
            }
        });
        server.start();
        Path home = Path.of(System.getenv("ESPALIER_HOME"));
        Path fresh = Files.writeString(home.resolve("server.json.new"), """
                {"pid":%d,"http_url":"http://127.0.0.1:%d"}""".formatted(
                        ProcessHandle.current().pid(), server.getAddress().getPort()));
        Files.move(fresh, home.resolve("server.json"), StandardCopyOption.ATOMIC_MOVE);
        System.out.println("started with " + String.join(" ", arguments));
    }
}
