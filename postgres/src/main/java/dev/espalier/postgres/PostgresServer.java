package dev.espalier.postgres;

import dev.espalier.postgres.RunDirectory.Door;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One running PostgreSQL server on one data directory. Started by {@link #start}; not restarted by itself. */
public final class PostgresServer {

    /** The ways to stop. */
    public enum Stop {
        /** Disconnects everyone and writes a checkpoint, so that the next start needs no recovery. */
        FAST(Signals.INT),
        /** Stops at once; the next start recovers. Loses nothing that was acknowledged. */
        IMMEDIATE(Signals.QUIT);

        private final int signal;

        Stop(int signal) {
            this.signal = signal;
        }
    }

    /**
     * What to start.
     *
     * @param settings given on the command line
     * @param userSettings given in a file, where they rank below {@code settings}
     * @param door who may sign in at first
     * @param log file that the server's messages are appended to
     */
    public record Launch(
            PostgresInstallation installation,
            OsUser user,
            Path dataDirectory,
            RunDirectory run,
            Map<String, String> settings,
            Map<String, String> userSettings,
            Door door,
            Path log) {}

    private static final Logger LOG = LoggerFactory.getLogger(PostgresServer.class);
    private static final long POLL_NANOS = 500_000;

    private final Launch launch;
    private final Process process;

    private PostgresServer(Launch launch, Process process) {
        this.launch = launch;
        this.process = process;
    }

    /**
     * Starts the server and waits until it accepts sessions; in recovery without hot standby, that is after the promotion.
     *
     * @param longestStandstill how long it may stand still meanwhile; a replay that gets on may take as long as it needs
     * @throws PostgresException with the end of the server's log if it stops or stands still; nothing runs then
     */
    public static PostgresServer start(Launch launch, Duration longestStandstill) {
        return start(launch, longestStandstill, Optional.empty());
    }

    /**
     * As the other, for a replica: its primary goes on writing what there is to replay.
     *
     * @param last name of the last segment of the log whose replay counts as getting on
     */
    public static PostgresServer start(Launch launch, Duration longestStandstill, Optional<String> last) {
        Path pidFile = launch.dataDirectory().resolve("postmaster.pid");
        removeStale(pidFile, launch.dataDirectory());
        launch.run().prepare(launch.user(), launch.installation().major(), launch.door(), launch.userSettings());
        long before = ServerLog.bytes(launch.log());
        Process process = spawn(launch);
        PostgresServer server = new PostgresServer(launch, process);
        StartProgress progress = new StartProgress(process.toHandle(), longestStandstill, last);
        while (!isReady(pidFile, process.pid())) {
            if (!process.isAlive()) {
                launch.run().delete();
                throw new PostgresException("PostgreSQL "
                        + launch.installation().version() + " stopped while starting on "
                        + launch.dataDirectory() + ": " + ServerLog.cause(launch.log(), before) + ". Its log is "
                        + launch.log()
                        + ".");
            }
            boolean isInterrupted = Thread.currentThread().isInterrupted();
            if (isInterrupted || progress.standsStill()) {
                server.kill();
                launch.run().delete();
                throw new PostgresException("PostgreSQL "
                        + launch.installation().version() + " was not ready on " + launch.dataDirectory()
                        + " and was stopped: "
                        + (isInterrupted ? "whoever waited for it has given up" : standstill(longestStandstill, last))
                        + ". Its log is " + launch.log() + ".");
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
        return server;
    }

    private static String standstill(Duration longest, Optional<String> last) {
        String nothing = "nothing has moved for " + longest.toSeconds() + " s";
        return last.map(segment -> nothing + " but the replay of what the primary has written since (after " + segment
                        + "). A transaction of the primary with very many savepoints keeps a replica from beginning; wait"
                        + " for its end and try again")
                .orElse(nothing);
    }

    private static Process spawn(Launch launch) {
        List<String> command = new ArrayList<>(List.of(
                launch.installation().program("postgres").toString(),
                "-D",
                launch.dataDirectory().toString(),
                "-c",
                "config_file=" + launch.run().configFile(),
                "-c",
                "hba_file=" + launch.run().accessFile(),
                "-c",
                "ident_file=" + launch.run().identFile(),
                "-c",
                "unix_socket_directories=" + launch.run().path()));
        launch.settings().forEach((name, value) -> {
            command.add("-c");
            command.add(name + "=" + value);
        });
        ProcessBuilder builder = new ProcessBuilder(launch.user().command(command))
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(launch.log().toFile()));
        builder.directory(launch.run().path().toFile());
        try {
            return Commands.inPlainWords(builder).start();
        } catch (IOException e) {
            throw new PostgresException("cannot run " + command.getFirst() + ": " + e.getMessage(), e);
        }
    }

    /**
     * Line 8 of the lock file is the postmaster's state (PostgreSQL's pidfile.h), padded with blanks; it is "ready" once
     * sessions are accepted, in hot standby too. Reading it costs no connection.
     */
    private static boolean isReady(Path pidFile, long pid) {
        try {
            List<String> lines = Files.readAllLines(pidFile);
            return lines.size() >= 8
                    && lines.getFirst().strip().equals(Long.toString(pid))
                    && lines.get(7).startsWith("ready");
        } catch (IOException e) {
            // Not yet written, or half-written.
            return false;
        }
    }

    /** Sessions of a server that was killed may still be at work: the file, and the memory that it names, hold the next off. */
    private static void removeStale(Path pidFile, Path dataDirectory) {
        try {
            if (Files.exists(pidFile)) {
                if (!RunningServers.on(dataDirectory).isEmpty()) {
                    throw new PostgresException("a PostgreSQL server is already running on " + dataDirectory
                            + ". Stop it, or start Espalier again, which stops servers that were left running.");
                }
                RunningServers.killOrphans(dataDirectory);
                Files.delete(pidFile);
            }
        } catch (IOException e) {
            throw new PostgresException("cannot remove the stale " + pidFile + ": " + e.getMessage(), e);
        }
    }

    /** Lets every role sign in, from the next session on. */
    public void open() {
        try {
            launch.run().writeDoor(launch.installation().major(), Door.OPEN);
            Signals.send(process.pid(), Signals.HUP);
        } catch (IOException e) {
            throw new PostgresException("cannot open " + launch.run().path() + ": " + e.getMessage(), e);
        }
    }

    /** Stops the server and waits for its end. One that has not ended in time is killed, and the next start recovers. */
    public void stop(Stop how, Duration deadline) {
        Signals.send(process.pid(), how.signal);
        try {
            if (!process.waitFor(deadline.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.warn(
                        "PostgreSQL on {} did not stop within {} s and is killed; its log is {}",
                        launch.dataDirectory(),
                        deadline.toSeconds(),
                        launch.log());
                kill();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            kill();
        }
        launch.run().delete();
    }

    private void kill() {
        RunningServers.kill(process.toHandle());
    }

    public boolean isRunning() {
        return process.isAlive();
    }

    /**
     * Whether anyone but PostgreSQL's own processes is there. Read from the process list, it costs no session of its own;
     * PostgreSQL names its processes there ({@code update_process_title}).
     */
    public boolean hasSessions() {
        return process.children().anyMatch(child -> ProcessTitles.isSession(child.pid()));
    }

    /** Nanoseconds of CPU that all its processes have used since its start, see {@link ServerCpu}; empty when it has ended. */
    public OptionalLong cpuNanos() {
        return ServerCpu.nanos(process.pid());
    }

    /** Process id of the postmaster. */
    public long pid() {
        return process.pid();
    }

    public Launch launch() {
        return launch;
    }

    /**
     * Signs in as Espalier's own superuser. Nothing that users have made may stand in for what is meant there, and none of
     * their time-outs and defaults holds.
     */
    public Connection connect(String database) throws SQLException {
        Connection session = UnixSockets.ownDataSource(launch.run().path(), launch.installation(), database)
                .getConnection();
        try {
            UnixSockets.takeBackSettings(session);
            return session;
        } catch (SQLException | RuntimeException e) {
            session.close();
            throw e;
        }
    }
}
