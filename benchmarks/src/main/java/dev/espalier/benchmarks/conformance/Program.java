package dev.espalier.benchmarks.conformance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Another program, run to its end with what it says in a file. */
final class Program {

    private static final int SHOWN_LINES = 30;

    private final Path directory;
    private final Path log;
    private final List<String> command = new ArrayList<>();
    private final Map<String, String> variables = new LinkedHashMap<>();

    /**
     * @param directory where it runs
     * @param log what it says
     */
    Program(Path directory, Path log, List<String> command) {
        this.directory = directory;
        this.log = log;
        this.command.addAll(command);
    }

    Program with(Map<String, String> more) {
        variables.putAll(more);
        return this;
    }

    /** Its exit code. Whatever of PostgreSQL's is in the environment here is not passed on. */
    int run() throws IOException {
        return start().onExit().join().exitValue();
    }

    /** Begins it. */
    Process start() throws IOException {
        ProcessBuilder process = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        process.environment().keySet().removeIf(name -> name.startsWith("PG"));
        process.environment().remove("CLASSPATH");
        process.environment().putAll(variables);
        return process.start();
    }

    /** @throws IOException with the end of what it said, if it fails */
    void succeed() throws IOException {
        int exitCode = run();
        if (exitCode != 0) {
            List<String> lines = Files.readAllLines(log);
            throw new IOException(String.join(" ", command) + " ended with " + exitCode + ":\n"
                    + String.join("\n", lines.subList(Math.max(0, lines.size() - SHOWN_LINES), lines.size())));
        }
    }
}
