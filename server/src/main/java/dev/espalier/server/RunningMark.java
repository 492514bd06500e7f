package dev.espalier.server;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;

/** The file in the home that tells the command line which process runs and where it answers. */
final class RunningMark implements AutoCloseable {

    private final Path file;

    private RunningMark(Path file) {
        this.file = file;
    }

    static RunningMark write(Path home, URI address, Clock clock) {
        Path file = home.resolve("server.json");
        Path unfinished = home.resolve("server.json.unfinished");
        try {
            Files.writeString(
                    unfinished,
                    "{\"pid\": " + ProcessHandle.current().pid() + ", \"http_url\": \"" + address
                            + "\", \"started\": \"" + clock.instant() + "\"}\n");
            Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
            return new RunningMark(file);
        } catch (IOException e) {
            throw new StartException("cannot write " + file + ": " + e, e);
        }
    }

    @Override
    public void close() throws IOException {
        Files.deleteIfExists(file);
    }
}
