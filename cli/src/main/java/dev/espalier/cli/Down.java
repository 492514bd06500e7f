package dev.espalier.cli;

import dev.espalier.cli.client.Home;
import dev.espalier.cli.failure.ExitCode;
import dev.espalier.cli.failure.Failure;
import dev.espalier.cli.output.Progress;
import java.time.Duration;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

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
        Optional<ServerProcess> running = ServerProcess.find(home);
        if (running.isEmpty()) {
            session.printer().text("No Espalier server runs from " + home.directory() + ".\n");
            return;
        }
        ProcessHandle process = running.get().handle();
        if (!process.destroy()) {
            throw new Failure(
                    ExitCode.NOT_ALLOWED,
                    "The server (process " + process.pid()
                            + ") cannot be told to stop. Run this as the user that started it.");
        }
        awaitEnd(process);
        session.printer().text("Espalier has stopped (process " + process.pid() + ").\n");
    }

    private void awaitEnd(ProcessHandle process) {
        long start = System.nanoTime();
        try (Progress progress = session.progress()) {
            while (process.isAlive()) {
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
