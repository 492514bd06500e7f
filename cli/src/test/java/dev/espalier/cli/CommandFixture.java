package dev.espalier.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** The command in this JVM, with a home of its own and a {@link ScriptedApi} that the home says is the server. */
final class CommandFixture implements BeforeEachCallback, AfterEachCallback {
    static final String SECRET = "top-secret-of-the-administrator";

    /** How a run ended. */
    record Run(int exitCode, String out, String err) {}

    final Map<String, String> variables = new HashMap<>();
    Instant now = Instant.parse("2026-11-25T10:00:00Z");
    boolean terminal;
    Path home = Path.of("");
    Optional<Path> launcher = Optional.empty();
    ScriptedApi api;

    CommandFixture() throws IOException {
        api = new ScriptedApi();
    }

    @Override
    public void beforeEach(ExtensionContext context) throws IOException {
        home = Files.createTempDirectory("espalier-cli");
        variables.put("ESPALIER_HOME", home.toString());
        Files.writeString(home.resolve("admin-credentials.json"), """
                {"client_id":"admin","client_secret":"%s"}""".formatted(SECRET));
        Files.writeString(home.resolve("server.json"), """
                {"pid":%d,"http_url":"%s","started":"2026-11-25T09:00:00Z"}""".formatted(unusedPid(), api.url()));
    }

    @Override
    public void afterEach(ExtensionContext context) throws IOException {
        api.close();
        try (var files = Files.walk(home)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    /** Runs a command line, given as words. */
    Run run(String... words) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        Surroundings surroundings = new Surroundings(
                variables,
                home,
                new PrintWriter(out),
                new PrintWriter(err),
                terminal,
                launcher,
                Clock.fixed(now, ZoneOffset.UTC));
        int exitCode = new Espalier(surroundings).run(words);
        return new Run(exitCode, out.toString(), err.toString());
    }

    /** Runs a command line without quotes in it. */
    Run line(String line) {
        return run(line.split(" "));
    }

    private static long unusedPid() {
        // Linux and macOS count process ids to less than this.
        return 2_000_000_000L;
    }
}
