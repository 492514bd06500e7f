package dev.espalier.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/** Programs in other languages that use a branch, and what they need. */
final class Program {

    /** The one that finds the modules of the distribution, whatever comes first on the PATH. */
    static final String PYTHON = "/usr/bin/python3";

    private Program() {}

    /** Passes the test over where a command fails that shows whether something is installed. */
    static void needs(String fix, String... command) {
        boolean there;
        try {
            there = new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .onExit()
                            .join()
                            .exitValue()
                    == 0;
        } catch (IOException e) {
            there = false;
        }
        assumeTrue(there, fix);
    }

    /** A script from beside the tests, in a directory. */
    static Path script(String name, Path directory) throws IOException {
        Path file = directory.resolve(Path.of(name).getFileName());
        try (InputStream in = Objects.requireNonNull(Program.class.getResourceAsStream(name), name)) {
            Files.copy(in, file);
        }
        return file;
    }

    /** Puts packages of npm where a script in the directory finds them. */
    static void npmInstall(Path directory, String... packages) throws IOException {
        needs("apt-get install nodejs npm", "npm", "--version");
        Stream<String> install =
                Stream.of("npm", "install", "--no-save", "--no-audit", "--no-fund", "--prefix", directory.toString());
        String _ = output(
                new ProcessBuilder(Stream.concat(install, Stream.of(packages)).toList()));
    }

    /** Runs a program that says {@code ok} in its last line when all is well, with libpq's variables. */
    static void succeeds(List<String> command, int port, String user, String password, String address)
            throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment()
                .putAll(Map.of(
                        "PGHOST",
                        "127.0.0.1",
                        "PGPORT",
                        Integer.toString(port),
                        "PGUSER",
                        user,
                        "PGPASSWORD",
                        password,
                        "PGDATABASE",
                        address,
                        "PGSSLMODE",
                        "require"));
        assertThat(output(builder)).endsWith("ok");
    }

    private static String output(ProcessBuilder builder) throws IOException {
        Process process = builder.redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.onExit().join().exitValue()).as(output).isZero();
        return output.strip();
    }
}
