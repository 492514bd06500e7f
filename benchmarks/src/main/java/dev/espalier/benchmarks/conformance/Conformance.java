package dev.espalier.benchmarks.conformance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The program of {@code ./espalier conformance}. */
public final class Conformance {

    private static final String USAGE = """
            write: espalier conformance SUITE [--work=DIR] …
              regress     PostgreSQL's regression tests      [--tests=NAME,NAME…]
              isolation   PostgreSQL's isolation tests       [--tests=NAME,NAME…]
              pgjdbc      pgjdbc's tests                     [--tests=CLASS,CLASS…] [--version=VERSION]
              backstage   Backstage, on a branch by its port --harness=DIR (or BACKSTAGE_HARNESS)
            DIR keeps what was fetched and what the tests wrote; PostgreSQL's user must get there.
            """;

    private static final String USUAL_WORK = "/var/tmp/espalier-conformance";
    private static final int DIFFERENT = 1;
    private static final int WRONG_USAGE = 2;

    private final Map<String, String> options = new HashMap<>();
    private final List<String> words = new ArrayList<>();
    private final Path work;

    private Conformance(String[] arguments) throws IOException {
        for (String argument : arguments) {
            if (argument.startsWith("--")) {
                String[] parts = argument.substring(2).split("=", 2);
                options.put(parts[0], parts.length == 2 ? parts[1] : "");
            } else {
                words.add(argument);
            }
        }
        work = Files.createDirectories(
                Path.of(options.getOrDefault("work", USUAL_WORK)).toAbsolutePath());
        Files.setPosixFilePermissions(work, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /** Ends with 0 if the gateway is the same as the server, with 1 if not, with 2 after a message. */
    public static void main(String[] arguments) throws Exception {
        System.exit(new Conformance(arguments).run());
    }

    private int run() throws IOException, SQLException {
        return switch (words.isEmpty() ? "" : words.getFirst()) {
            case "regress", "isolation" -> {
                try (Scene scene = Scene.open(PostgresSuite.MAJOR)) {
                    yield told(new PostgresSuite(words.getFirst(), work, work.resolve("runs")).run(scene, tests()));
                }
            }
            case "pgjdbc" ->
                told(new PgjdbcSuite(options.getOrDefault("version", PgjdbcSuite.USUAL_VERSION), work).run(tests()));
            case "backstage" -> backstage();
            default -> {
                System.err.print(USAGE);
                yield WRONG_USAGE;
            }
        };
    }

    private List<String> tests() {
        String tests = options.getOrDefault("tests", "");
        return tests.isEmpty() ? List.of() : List.of(tests.split(","));
    }

    private int told(Comparison comparison) {
        comparison.print(System.out);
        System.out.println("  outputs: " + work.resolve("runs"));
        return comparison.holds() ? 0 : DIFFERENT;
    }

    private int backstage() throws IOException, SQLException {
        Path harness = Path.of(options.getOrDefault("harness", System.getenv().getOrDefault("BACKSTAGE_HARNESS", "")));
        if (!Files.exists(harness.resolve("package.json"))) {
            System.err.println("there is no package.json in \"" + harness + "\". Name the harness with --harness=DIR.");
            return WRONG_USAGE;
        }
        return new BackstageSuite(harness.toAbsolutePath(), work, System.out).run() ? 0 : DIFFERENT;
    }
}
