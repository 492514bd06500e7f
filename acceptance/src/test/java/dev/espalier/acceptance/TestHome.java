package dev.espalier.acceptance;

import dev.espalier.postgres.RunningServers;
import dev.espalier.server.Main;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** An empty home below a directory that everyone may pass; nothing of it is left when it is closed. */
final class TestHome implements AutoCloseable {

    private final Path directory;
    private final List<ServerProcess> started = new ArrayList<>();

    TestHome() throws IOException {
        directory = Files.createTempDirectory(
                "espalier-acceptance",
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx--x--x")));
    }

    /** The value of ESPALIER_HOME. */
    Path path() {
        return directory.resolve("home");
    }

    /** Starts a server and waits until it answers. */
    ServerProcess start(String... flags) throws IOException {
        ServerProcess server = begin(flags);
        server.awaitReady();
        return server;
    }

    /** Begins to start a server. */
    ServerProcess begin(String... flags) throws IOException {
        ServerProcess server = new ServerProcess(path(), server(flags), directory.resolve("server.log"));
        started.add(server);
        return server;
    }

    /** Runs another command of the server's program to its end. */
    Jvm.Ended command(String... words) throws IOException {
        return new Jvm("server", Main.class, path(), List.of(words)).run();
    }

    /** Starts a server that ends by itself. */
    Jvm.Ended run(String... flags) throws IOException {
        return server(flags).run();
    }

    private Jvm server(String... flags) throws IOException {
        List<String> all = new ArrayList<>(List.of("--gateway.port=0"));
        all.addAll(List.of(flags));
        return new Jvm("server", Main.class, path(), all);
    }

    /** The PostgreSQL servers that run on data in the home. */
    List<ProcessHandle> postgres() {
        return RunningServers.on(path());
    }

    @Override
    public void close() throws IOException {
        for (ServerProcess server : started) {
            server.close();
        }
        RunningServers.stopAll(path());
        for (Path mount : mounts()) {
            new ProcessBuilder("umount", mount.toString())
                    .inheritIO()
                    .start()
                    .onExit()
                    .join();
        }
        if (!mounts().isEmpty()) {
            throw new IllegalStateException("still mounted: " + mounts());
        }
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    private List<Path> mounts() throws IOException {
        try (Stream<String> mounts = Files.lines(Path.of("/proc/self/mounts"))) {
            return mounts.map(line -> Path.of(line.split(" ")[1]))
                    .filter(mount -> mount.startsWith(directory))
                    .sorted(Comparator.comparingInt(Path::getNameCount).reversed())
                    .toList();
        }
    }
}
