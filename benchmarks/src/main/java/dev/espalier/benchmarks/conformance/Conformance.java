package dev.espalier.benchmarks.conformance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
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

    private Conformance() {}

    /** Ends with 0 if the gateway is the same as the server, with 1 if not, with 2 after a message. */
    public static void main(String[] arguments) throws Exception {
        Map<String, String> options = new HashMap<>();
        List<String> words = new ArrayList<>();
        for (String argument : arguments) {
            if (argument.startsWith("--")) {
                String[] parts = argument.substring(2).split("=", 2);
                options.put(parts[0], parts.length == 2 ? parts[1] : "");
            } else {
                words.add(argument);
            }
        }
        Path work = work(options.getOrDefault("work", USUAL_WORK));
        List<String> tests =
                options.containsKey("tests") ? List.of(options.get("tests").split(",")) : List.of();
        Comparison comparison;
        switch (words.isEmpty() ? "" : words.getFirst()) {
            case "regress", "isolation" -> {
                try (Scene scene = Scene.open(PostgresSuite.MAJOR)) {
                    comparison = new PostgresSuite(words.getFirst(), work, work.resolve("runs")).run(scene, tests);
                }
            }
            case "pgjdbc" ->
                comparison =
                        new PgjdbcSuite(options.getOrDefault("version", PgjdbcSuite.USUAL_VERSION), work).run(tests);
            case "backstage" -> {
                Path harness =
                        Path.of(options.getOrDefault("harness", System.getenv().getOrDefault("BACKSTAGE_HARNESS", "")));
                if (!Files.exists(harness.resolve("package.json"))) {
                    System.err.println(
                            "there is no package.json in \"" + harness + "\". Name the harness with --harness=DIR.");
                    System.exit(2);
                }
                System.exit(new BackstageSuite(harness.toAbsolutePath(), work, System.out).run() ? 0 : 1);
                return;
            }
            default -> {
                System.err.print(USAGE);
                System.exit(2);
                return;
            }
        }
        comparison.print(System.out);
        System.out.println("  outputs: " + work.resolve("runs"));
        System.exit(comparison.holds() ? 0 : 1);
    }

    private static Path work(String directory) throws IOException {
        Path work = Files.createDirectories(Path.of(directory).toAbsolutePath());
        Files.setPosixFilePermissions(work, PosixFilePermissions.fromString("rwxr-xr-x"));
        return work;
    }
}
