package dev.espalier.control;

import dev.espalier.testing.TestWait;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/** A program of the tests in a process of its own. */
final class ChildProcess {

    private final Process process;
    private final Path output;

    ChildProcess(Path output, Class<?> program, String... arguments) throws IOException {
        this.output = output;
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                program.getName()));
        command.addAll(List.of(arguments));
        this.process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
    }

    /** Its exit status. */
    int await() throws InterruptedException {
        if (!process.waitFor(2, TimeUnit.MINUTES)) {
            process.destroyForcibly();
        }
        return process.waitFor();
    }

    /** Kills it at a moment of chance, counted from its first word; returns its exit status. */
    int killWithin(int milliseconds, Random random) throws InterruptedException {
        TestWait.until(() -> !said().isEmpty() || !process.isAlive());
        boolean _ = process.waitFor(random.nextInt(milliseconds), TimeUnit.MILLISECONDS);
        process.destroyForcibly();
        return process.waitFor();
    }

    /** Kills it as soon as one of its own children has a command line with all the words. */
    void killWhenRunning(String... words) throws InterruptedException {
        TestWait.until(() -> process.descendants()
                .map(child -> Remains.commandLine(child.pid()))
                .anyMatch(command -> List.of(words).stream().allMatch(command::contains)));
        process.destroyForcibly();
        process.waitFor();
    }

    /** The lines it has written. */
    List<String> said() throws IOException {
        return Files.readAllLines(output);
    }
}
