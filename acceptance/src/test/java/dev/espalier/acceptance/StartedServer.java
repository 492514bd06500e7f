package dev.espalier.acceptance;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Espalier's server in a process of its own, as a user starts it. */
final class StartedServer implements AutoCloseable {

    private static final long DEADLINE_NANOS = 120_000_000_000L;
    private static final long POLL_NANOS = 20_000_000L;
    private static final Pattern URL = Pattern.compile("\"http_url\": \"([^\"]+)\"");
    private static final Pattern CREDENTIALS = Pattern.compile("\"(client_id|client_secret)\"\\s*:\\s*\"([^\"]+)\"");

    private final Path home;
    private final Process process;
    private final URI url;

    private StartedServer(Path home, Process process, URI url) {
        this.home = home;
        this.process = process;
        this.url = url;
    }

    /** A new home that PostgreSQL's user can pass through. */
    static Path newHome() throws IOException {
        Path home = Files.createTempDirectory("espalier-acceptance");
        Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwxr-xr-x"));
        return home;
    }

    /** Starts one and waits until it answers. */
    static StartedServer start(Path home, String... flags) throws IOException {
        List<String> all = new ArrayList<>(List.of("--http.port=0"));
        all.addAll(Arrays.asList(flags));
        Process process = launch(home, all);
        Path mark = home.resolve("server.json");
        long end = System.nanoTime() + DEADLINE_NANOS;
        while (true) {
            if (Files.exists(mark)) {
                String text = Files.readString(mark);
                Matcher matcher = URL.matcher(text);
                if (text.contains("\"pid\": " + process.pid() + ",") && matcher.find()) {
                    return new StartedServer(home, process, URI.create(matcher.group(1)));
                }
            }
            if (!process.isAlive() || System.nanoTime() > end) {
                throw new AssertionError("the server does not run: " + Files.readString(home.resolve("server.log")));
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
    }

    /** Starts one that is expected to refuse, and returns what it said. */
    static String refusal(Path home, String... flags) throws IOException, InterruptedException {
        Process process = launch(home, Arrays.asList(flags));
        if (!process.waitFor(60, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError("the server has started");
        }
        if (process.exitValue() == 0) {
            throw new AssertionError("the server has ended as if all were well");
        }
        return Files.readString(home.resolve("server.log"));
    }

    private static Process launch(Path home, List<String> flags) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                classPath(),
                "dev.espalier.server.Main"));
        command.addAll(flags);
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(home.resolve("server.log").toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("ESPALIER_"));
        builder.environment().put("ESPALIER_HOME", home.toString());
        return builder.start();
    }

    /** The class path that the launcher uses: the clients' libraries must not take the place of the server's. */
    private static String classPath() throws IOException {
        Path target = Path.of("..", "server", "target").toAbsolutePath().normalize();
        return target.resolve("server.jar") + ":"
                + Files.readString(target.resolve("espalier.classpath")).strip();
    }

    URI url() {
        return url;
    }

    Path home() {
        return home;
    }

    Process process() {
        return process;
    }

    /** The administrator's client id or client secret. */
    String credential(String name) throws IOException {
        Matcher matcher = CREDENTIALS.matcher(Files.readString(home.resolve("admin-credentials.json")));
        while (matcher.find()) {
            if (matcher.group(1).equals(name)) {
                return matcher.group(2);
            }
        }
        throw new AssertionError("no " + name);
    }

    /** The postmasters below the home. */
    List<ProcessHandle> postmasters() {
        return ProcessHandle.allProcesses()
                .filter(candidate -> commandLine(candidate.pid()).contains(home + "/"))
                .filter(candidate -> commandLine(candidate.pid()).contains("bin/postgres"))
                .toList();
    }

    private static String commandLine(long pid) {
        try {
            return Files.readString(
                    Path.of("/proc", Long.toString(pid), "cmdline"), java.nio.charset.StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return "";
        }
    }

    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** Stops it in order. */
    @Override
    public void close() {
        process.destroy();
        process.onExit().join();
    }

    /** Removes the home, with what is mounted in it. */
    static void remove(Path home) throws IOException, InterruptedException {
        for (String line : Files.readAllLines(Path.of("/proc/mounts")).reversed()) {
            String mountPoint = line.split(" ")[1];
            if (mountPoint.startsWith(home + "/")) {
                new ProcessBuilder("umount", mountPoint).inheritIO().start().waitFor();
            }
        }
        new ProcessBuilder("rm", "-rf", home.toString()).inheritIO().start().waitFor();
    }
}
