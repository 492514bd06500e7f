package dev.espalier.acceptance;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Starts a main class of a module in a Java process of its own, with a home and with the class path that the launcher uses:
 * the clients' libraries must not take the place of the product's.
 */
final class Jvm {

    private static final Duration LONGEST_RUN = Duration.ofMinutes(3);

    /** How a process has ended. */
    record Ended(int exitCode, String out, String err) {}

    private final Path home;
    private final ProcessBuilder process;

    Jvm(String module, Class<?> main, Path home, List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xmx512m",
                "-cp",
                classPath(module),
                main.getName()));
        command.addAll(arguments);
        this.home = home;
        this.process = new ProcessBuilder(command);
        process.environment().keySet().removeIf(name -> name.startsWith("ESPALIER_"));
        process.environment().put("ESPALIER_HOME", home.toString());
    }

    private static String classPath(String module) throws IOException {
        Path target = Path.of("..", module, "target").toAbsolutePath().normalize();
        return target.resolve(module + ".jar")
                + File.pathSeparator
                + Files.readString(target.resolve("espalier.classpath")).strip();
    }

    Jvm with(String variable, String value) {
        process.environment().put(variable, value);
        return this;
    }

    /** Starts it; all that it says goes to the end of the file. */
    Process start(File output) throws IOException {
        return process.redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(output))
                .start();
    }

    /** Runs it to its end. */
    Ended run() throws IOException {
        Path directory = Files.createDirectories(home.resolveSibling("output"));
        Path out = Files.createTempFile(directory, "run", ".out");
        Path err = Files.createTempFile(directory, "run", ".err");
        Process running =
                process.redirectOutput(out.toFile()).redirectError(err.toFile()).start();
        running.onExit()
                .completeOnTimeout(running, LONGEST_RUN.toSeconds(), TimeUnit.SECONDS)
                .join();
        if (running.isAlive()) {
            running.destroyForcibly().onExit().join();
            throw new AssertionError("does not end: " + process.command() + "\n" + Files.readString(err));
        }
        return new Ended(running.exitValue(), Files.readString(out), Files.readString(err));
    }
}
