package dev.espalier.cli;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;

/**
 * Runs the command once against a server of its own that knows one branch. The launcher has the JVM watch this after a
 * build and keep what it loaded (JEP 514), so that commands start in two thirds of the time.
 */
final class Rehearsal {
    private static final String TOKEN = """
            {"access_token":"none","expires_in":60}""";
    private static final String BRANCHES = """
            {"branches":[{"name":"projects/p/branches/b","create_time":"2026-01-01T00:00:00Z",
            "status":{"current_state":"READY","logical_size_bytes":8388608}}]}""";

    private Rehearsal() {}

    public static void main(String[] arguments) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            try (exchange) {
                String path = exchange.getRequestURI().getPath();
                byte[] body = (path.startsWith("/oidc") ? TOKEN : BRANCHES).getBytes(StandardCharsets.UTF_8);
                exchange.sendResponseHeaders(200, body.length);
                exchange.getResponseBody().write(body);
            }
        });
        server.start();
        Path home = Files.createTempDirectory("espalier-rehearsal");
        Surroundings surroundings = new Surroundings(
                Map.of(
                        "ESPALIER_HOME",
                        home.toString(),
                        "ESPALIER_HOST",
                        "http://127.0.0.1:" + server.getAddress().getPort(),
                        "ESPALIER_CLIENT_ID",
                        "nobody",
                        "ESPALIER_CLIENT_SECRET",
                        "none"),
                home,
                new PrintWriter(Writer.nullWriter()),
                new PrintWriter(System.err, true, StandardCharsets.UTF_8),
                false,
                Optional.empty(),
                Clock.systemUTC());
        int exitCode = new Espalier(surroundings).run("branches", "list", "--project", "p");
        Files.deleteIfExists(home.resolve("cli-token.json"));
        Files.delete(home);
        System.exit(exitCode);
    }
}
