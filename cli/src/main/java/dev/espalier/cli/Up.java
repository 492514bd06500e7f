package dev.espalier.cli;

import dev.espalier.cli.client.Home;
import dev.espalier.cli.client.Json;
import dev.espalier.cli.failure.ExitCode;
import dev.espalier.cli.failure.Failure;
import dev.espalier.cli.output.Printer;
import dev.espalier.cli.output.Progress;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Unmatched;
import tools.jackson.databind.node.ObjectNode;

/** {@code up}: starts the server in the background and waits until it answers. */
@Command(
        name = "up",
        description = "Start the server in the background; its own options may follow (see ./espalier server --help)")
final class Up implements Runnable {
    private static final int OK = 200;
    private static final Duration POLL = Duration.ofMillis(50);
    private static final int LINES_OF_LOG = 20;

    private final Session session;

    @Option(
            names = "--timeout",
            paramLabel = "DURATION",
            defaultValue = "3m",
            description = "how long to wait until it answers (default: 3m)")
    private ShortDuration timeout = new ShortDuration(Duration.ofMinutes(3));

    @Unmatched
    private List<String> serverFlags = new ArrayList<>();

    Up(Session session) {
        this.session = session;
    }

    @Override
    public void run() {
        if (session.isHostChosen()) {
            throw new Failure(
                    ExitCode.USAGE,
                    "up starts a server on this machine and has no use for --host. If the server is meant: up -- --host ...");
        }
        Home home = session.home();
        Optional<ProcessHandle> running = ServerProcess.find(home);
        if (running.isPresent()) {
            tellOfFlagsThatChangeNothing();
            try {
                awaitAnswer(home, running.get(), 0);
                announce(home, "Espalier is up already");
                return;
            } catch (Failure notUp) {
                // One that was stopping, or did not get up, is no reason not to start another.
                if (!ServerProcess.hasEnded(running.get())) {
                    throw notUp;
                }
            }
        }
        long logBefore = sizeOf(home.serverLog());
        Process process = start(home);
        try {
            awaitAnswer(home, process.toHandle(), logBefore);
        } catch (Failure ended) {
            throw isWrongCommandLine(process) ? new Failure(ExitCode.USAGE, ended.getMessage(), ended) : ended;
        }
        announce(home, "Espalier is up");
    }

    private void announce(Home home, String what) {
        Home.Server server = home.server().orElseThrow();
        Printer printer = session.printer();
        if (printer.isJson()) {
            ObjectNode up = Json.object();
            up.put("http_url", server.url().toString());
            up.put("pid", server.pid());
            up.put("home", home.directory().toString());
            printer.text(up + "\n");
        } else {
            printer.text(
                    what + " at " + server.url() + " (process " + server.pid() + ", home " + home.directory() + ")\n");
        }
    }

    /** A server that runs has its settings; what is wrong with others is said all the same. */
    private void tellOfFlagsThatChangeNothing() {
        if (serverFlags.isEmpty()) {
            return;
        }
        List<String> check = new ArrayList<>(List.of("check"));
        check.addAll(serverFlags);
        ServerProgram.Ended checked = program().run(check);
        if (checked.exitCode() != 0) {
            throw new Failure(ExitCode.USAGE, checked.err().strip());
        }
        session.printer()
                .note("The server runs already, so that " + String.join(" ", serverFlags)
                        + " changes nothing. To have it so: ./espalier down, then up again.");
    }

    private ServerProgram program() {
        return session.surroundings()
                .launcher()
                .map(ServerProgram::new)
                .orElseThrow(() -> new Failure(
                        ExitCode.USAGE, "The server is started by the launcher in Espalier's folder: ./espalier up"));
    }

    private Process start(Home home) {
        List<String> command = new ArrayList<>(detached());
        command.addAll(program().command(serverFlags));
        try {
            Files.createDirectories(home.serverLog().getParent());
            return new ProcessBuilder(command)
                    .redirectInput(Redirect.from(Path.of("/dev/null").toFile()))
                    .redirectErrorStream(true)
                    .redirectOutput(Redirect.appendTo(home.serverLog().toFile()))
                    .start();
        } catch (IOException failed) {
            throw new Failure(ExitCode.OTHER, "The server cannot be started: " + failed, failed);
        }
    }

    /** The server ends so when it cannot use a setting. */
    private static boolean isWrongCommandLine(Process process) {
        // Its handle may tell of the end before it does.
        return !process.toHandle().isAlive() && process.onExit().join().exitValue() == ExitCode.USAGE.number();
    }

    /** What to put before a command so that neither Ctrl-C nor the end of this terminal reaches it; the process id stays. */
    private static List<String> detached() {
        Path setsid = Path.of("/usr/bin/setsid");
        return Files.isExecutable(setsid)
                ? List.of(setsid.toString())
                : List.of("/bin/sh", "-c", "trap '' HUP INT; exec \"$@\"", "espalier");
    }

    private void awaitAnswer(Home home, ProcessHandle process, long logBefore) {
        long start = System.nanoTime();
        try (Progress progress = session.progress()) {
            while (!answers(home, process.pid())) {
                Duration waited = Duration.ofNanos(System.nanoTime() - start);
                if (!process.isAlive()) {
                    throw new Failure(ExitCode.OTHER, "The server ended while starting." + endOfLog(home, logBefore));
                }
                if (waited.compareTo(timeout.duration()) > 0) {
                    throw new Failure(
                            ExitCode.UNREACHABLE,
                            "The server (process " + process.pid() + ") does not answer yet after " + waited.toSeconds()
                                    + " s. It goes on starting; ./espalier down ends it." + endOfLog(home, logBefore));
                }
                progress.show("Starting Espalier", waited);
                Thread.sleep(POLL);
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new Failure(ExitCode.OTHER, "Interrupted; the server goes on starting.", interrupted);
        }
    }

    private boolean answers(Home home, long pid) {
        return home.server()
                .filter(server -> server.pid() == pid)
                .filter(server -> session.transport(server.url()).health().equals(OptionalInt.of(OK)))
                .isPresent();
    }

    /** What the server wrote to its log since it was started, as far as it fits on a screen. */
    private static String endOfLog(Home home, long from) {
        Path log = home.serverLog();
        try (RandomAccessFile file = new RandomAccessFile(log.toFile(), "r")) {
            // One that is shorter than it was has been emptied meanwhile.
            long length = from <= file.length() ? file.length() - from : file.length();
            byte[] written = new byte[Math.toIntExact(Math.min(length, 64 * 1024))];
            file.seek(file.length() - written.length);
            file.readFully(written);
            List<String> lines =
                    new String(written, StandardCharsets.UTF_8).lines().toList();
            List<String> last = lines.subList(Math.max(0, lines.size() - LINES_OF_LOG), lines.size());
            return " The end of " + log + ":\n" + String.join("\n", last);
        } catch (IOException unreadable) {
            return " Its log cannot be read: " + unreadable;
        }
    }

    private static long sizeOf(Path file) {
        return file.toFile().length();
    }
}
