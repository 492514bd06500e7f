package dev.espalier.cli;

import dev.espalier.cli.failure.ExitCode;
import dev.espalier.cli.failure.Failure;
import java.io.IOException;
import java.io.InputStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * The server's program, started through the launcher for a question to which it knows the answer without serving.
 *
 * @param launcher the script {@code ./espalier}
 */
record ServerProgram(Path launcher) {

    /** How it ended: its exit code, and what it wrote to stdout and stderr. */
    record Ended(int exitCode, String out, String err) {}

    /** The command line that starts the server with these arguments. */
    List<String> command(List<String> arguments) {
        List<String> command = new ArrayList<>(List.of(launcher.toString(), "server"));
        command.addAll(arguments);
        return command;
    }

    /** Runs it to its end. */
    Ended run(List<String> arguments) {
        try {
            Process process = new ProcessBuilder(command(arguments))
                    .redirectInput(Redirect.from(Path.of("/dev/null").toFile()))
                    .start();
            var err = new FutureTask<>(() -> read(process.getErrorStream()));
            Thread.ofVirtual().start(err);
            String out = read(process.getInputStream());
            return new Ended(process.waitFor(), out, err.get());
        } catch (IOException | ExecutionException failed) {
            throw new Failure(ExitCode.OTHER, "The server's program cannot be run: " + failed, failed);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new Failure(ExitCode.OTHER, "Interrupted.", interrupted);
        }
    }

    private static String read(InputStream stream) throws IOException {
        return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    }
}
