package dev.espalier.cli;

import dev.espalier.cli.client.Home;
import dev.espalier.cli.client.Json;
import dev.espalier.cli.failure.ExitCode;
import dev.espalier.cli.failure.Failure;
import dev.espalier.cli.output.Printer;
import dev.espalier.cli.output.Progress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ObjectNode;

/** {@code down}: ends the server in order, and waits until it has ended. */
@Command(name = "down", description = "Stop the server of this home, and the PostgreSQL servers it runs")
final class Down implements Runnable {
    private static final Duration POLL = Duration.ofMillis(50);

    private final Session session;

    @Option(
            names = "--timeout",
            paramLabel = "DURATION",
            defaultValue = "3m",
            description = "how long to wait until it has ended (default: 3m)")
    private ShortDuration timeout = new ShortDuration(Duration.ofMinutes(3));

    Down(Session session) {
        this.session = session;
    }

    @Override
    public void run() {
        Home home = session.home();
        Optional<ProcessHandle> running = ServerProcess.find(home);
        if (running.isEmpty()) {
            stopWhatAKilledServerLeft(home);
            return;
        }
        ProcessHandle process = running.get();
        if (!process.destroy()) {
            throw new Failure(
                    ExitCode.NOT_ALLOWED,
                    "The server (process " + process.pid()
                            + ") cannot be told to stop. Run this as the user that started it.");
        }
        awaitEnd(process);
        announce(
                "Espalier has stopped (process " + process.pid() + ").",
                Json.object().put("pid", process.pid()));
    }

    /** PostgreSQL outlives a server that was killed; which servers are this home's, the server's program knows. */
    private void stopWhatAKilledServerLeft(Home home) {
        String nothing = "No Espalier server runs from " + home.directory() + ".";
        Optional<Path> launcher = session.surroundings().launcher();
        if (launcher.isEmpty() || !Files.isDirectory(home.directory())) {
            announce(nothing, Json.object());
            return;
        }
        ServerProgram.Ended ended = new ServerProgram(launcher.get()).run(List.of("stop-left"));
        if (ended.exitCode() != 0) {
            throw new Failure(ExitCode.OTHER, ended.err().strip());
        }
        int left = Integer.parseInt(ended.out().strip());
        announce(
                left == 0
                        ? nothing
                        : "%s One that was killed had left %d PostgreSQL server%s running, which %s been stopped."
                                .formatted(nothing, left, left == 1 ? "" : "s", left == 1 ? "has" : "have"),
                Json.object().put("postgres_servers", left));
    }

    private void announce(String text, ObjectNode json) {
        Printer printer = session.printer();
        printer.text((printer.isJson() ? json : text) + "\n");
    }

    private void awaitEnd(ProcessHandle process) {
        long start = System.nanoTime();
        try (Progress progress = session.progress()) {
            while (!ServerProcess.hasEnded(process)) {
                Duration waited = Duration.ofNanos(System.nanoTime() - start);
                if (waited.compareTo(timeout.duration()) > 0) {
                    throw new Failure(
                            ExitCode.OTHER,
                            "The server (process " + process.pid() + ") is still stopping after " + waited.toSeconds()
                                    + " s. Its log says why: " + session.home().serverLog());
                }
                progress.show("Stopping Espalier", waited);
                Thread.sleep(POLL);
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new Failure(ExitCode.OTHER, "Interrupted; the server goes on stopping.", interrupted);
        }
    }
}
