package dev.espalier.benchmarks.conformance;

import dev.espalier.benchmarks.conformance.Comparison.Reason;
import dev.espalier.benchmarks.conformance.Results.Outcome;
import dev.espalier.benchmarks.conformance.Scene.Principal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** PostgreSQL's own regression or isolation tests, each time on a branch that nobody has used. */
final class PostgresSuite {

    static final int MAJOR = 15;

    /** {@code test name ... ok} of a test that runs alone; the word is left out of one that runs beside others. */
    private static final Pattern LINE = Pattern.compile("^(?:test )?\\s*(\\S+)\\s+\\.\\.\\. (ok|FAILED)\\b.*");

    private static final List<Reason> REASONS = List.of(
            new Reason(
                    "sequence",
                    "The principal's role is a superuser here and not the one that owns the catalogs, which one message tells."));

    private final String name;
    private final Path work;
    private final Path runs;

    /**
     * @param name regress or isolation
     * @param work for what is fetched and made
     * @param runs for what the tests write
     */
    PostgresSuite(String name, Path work, Path runs) {
        this.name = name;
        this.work = work;
        this.runs = runs;
    }

    /**
     * Runs it in a scene with that version of PostgreSQL, as a principal of its own.
     *
     * @param tests the only ones to run, in this order; empty for all, as PostgreSQL's own schedule has them
     */
    Comparison run(Scene scene, List<String> tests) throws IOException, SQLException {
        PostgresSource source = new PostgresSource(scene.installation(), work);
        Principal principal = scene.principal("suite_" + name, Scene.CAN_MANAGE);
        String straight = name + "-direct";
        String around = name + "-gateway";
        for (String branch : List.of(straight, around)) {
            scene.branch(branch);
            scene.makeSuperuser(branch, principal);
        }
        Results direct = run(source, scene.installation(), scene.direct(straight, principal), tests);
        Results gateway = run(source, scene.installation(), scene.ownPort(around, principal), tests);
        return new Comparison("PostgreSQL " + source.version() + ", " + name, direct, gateway, REASONS);
    }

    private Results run(PostgresSource source, Path installation, Door door, List<String> tests) throws IOException {
        Path output = emptied(runs.resolve(name + "-" + door.name()));
        Path input = source.tests().resolve(name);
        List<String> command = new ArrayList<>(List.of(
                source.runner(name).toString(),
                "--inputdir=" + input,
                "--outputdir=" + output,
                "--bindir=" + installation.resolve("bin"),
                "--dlpath=" + source.libraries(),
                "--max-concurrent-tests=20",
                "--host=" + door.host(),
                "--port=" + door.port(),
                "--user=" + door.user()));
        if (tests.isEmpty()) {
            String schedule = name.equals("regress") ? "parallel_schedule" : "isolation_schedule";
            command.add("--schedule=" + input.resolve(schedule));
        } else {
            command.addAll(tests);
        }
        Path log = output.resolve("output.log");
        // It fails when a test does; what it says tells which.
        int exitCode = new Program(output, log, command)
                .with(door.environment())
                .with(Map.of("LC_ALL", "C"))
                .run();
        Results results = new Results();
        for (String line : Files.readAllLines(log)) {
            Matcher matcher = LINE.matcher(line);
            if (matcher.matches()) {
                results.add(matcher.group(1), matcher.group(2).equals("ok") ? Outcome.OK : Outcome.FAILED);
            }
        }
        if (results.tests().isEmpty()) {
            throw new IOException("no test ran (exit code " + exitCode + "): " + Files.readString(log));
        }
        return results;
    }

    /** The server writes there, too, as another user. */
    private static Path emptied(Path directory) throws IOException {
        new ProcessBuilder("rm", "-rf", directory.toString())
                .inheritIO()
                .start()
                .onExit()
                .join();
        Files.createDirectories(directory.resolve("results"));
        for (Path open : List.of(directory, directory.resolve("results"))) {
            Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxrwxrwx"));
        }
        return directory;
    }
}
