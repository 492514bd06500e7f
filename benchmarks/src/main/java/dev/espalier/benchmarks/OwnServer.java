package dev.espalier.benchmarks;

import dev.espalier.cli.client.ApiClient;
import dev.espalier.cli.client.Home;
import dev.espalier.cli.client.Operations;
import dev.espalier.cli.client.Reply;
import dev.espalier.cli.client.Transport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/** A server of one's own, in a home that is new and gone when it is closed. */
public final class OwnServer implements AutoCloseable {

    private static final Duration START = Duration.ofMinutes(2);
    private static final long POLL_NANOS = 20_000_000;

    private final Path home;
    private final Process process;
    private final ApiClient api;

    private OwnServer(Path home, Process process, ApiClient api) {
        this.home = home;
        this.process = process;
        this.api = api;
    }

    /**
     * Starts it, on any ports that are free, and waits until it answers.
     *
     * @param name what it is for, as its home and its client are called
     * @param flags of the server besides the ports
     * @throws IOException with the server's log, if it does not start
     */
    public static OwnServer start(String name, String... flags) throws IOException {
        // PostgreSQL, which may run as another user, must get to what is below it.
        Path home = Files.createTempDirectory(
                Path.of("/var/tmp"),
                name,
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx--x--x")));
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                // As the launcher starts it.
                "-XX:-DontCompileHugeMethods",
                "-Dio.netty.leakDetection.level=disabled",
                "-cp",
                System.getProperty("java.class.path"),
                "dev.espalier.server.Main",
                "--http.port=0",
                "--gateway.port=0"));
        command.addAll(List.of(flags));
        Map<String, String> variables = Map.of("ESPALIER_HOME", home.toString());
        Home espalier = Home.of(variables, home);
        Files.createDirectories(espalier.serverLog().getParent());
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(espalier.serverLog().toFile());
        // Settings of another server are not this one's.
        builder.environment().keySet().removeIf(variable -> variable.startsWith("ESPALIER_"));
        builder.environment().put("ESPALIER_HOME", home.toString());
        Process process = builder.start();
        long end = System.nanoTime() + START.toNanos();
        while (espalier.server().isEmpty()) {
            if (!process.isAlive() || System.nanoTime() > end) {
                String log = Files.readString(espalier.serverLog());
                end(process, home);
                throw new IOException("the server did not start; its log: " + log);
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
        Transport transport = new Transport(espalier.server().orElseThrow().url(), name);
        return new OwnServer(
                home, process, new ApiClient(transport, variables, espalier, Clock.systemUTC(), System.err::println));
    }

    Path home() {
        return home;
    }

    long pid() {
        return process.pid();
    }

    /** To call it as its first administrator. */
    public ApiClient api() {
        return api;
    }

    /** Waits for an operation's end, which must be a success. */
    public Reply done(Reply begun) {
        return new Operations(api, (name, waited) -> {}).await(begun);
    }

    /** Stops the server and removes all that it had. */
    @Override
    public void close() throws IOException {
        end(process, home);
    }

    private static void end(Process process, Path home) throws IOException {
        process.destroy();
        process.onExit().join();
        for (String line : Files.readAllLines(Path.of("/proc/self/mounts"))) {
            String mountPoint = line.split(" ")[1];
            if (mountPoint.startsWith(home + "/")) {
                run("umount", mountPoint);
            }
        }
        run("rm", "-rf", home.toString());
    }

    private static void run(String... command) throws IOException {
        new ProcessBuilder(command).inheritIO().start().onExit().join();
    }
}
