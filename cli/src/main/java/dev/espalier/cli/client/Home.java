package dev.espalier.cli.client;

import dev.espalier.cli.failure.ExitCode;
import dev.espalier.cli.failure.Failure;
import java.io.IOException;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** The directory in which the server and this command meet: {@code $ESPALIER_HOME}, else {@code ~/.espalier}. */
public record Home(Path directory) {

    /** What the running server writes about itself. It may be left over from one that was killed. */
    public record Server(long pid, URI url) {}

    public static Home of(Map<String, String> variables, Path userHome) {
        String named = variables.getOrDefault("ESPALIER_HOME", "");
        return new Home((named.isBlank() ? userHome.resolve(".espalier") : Path.of(named)).toAbsolutePath());
    }

    public Path adminCredentials() {
        return directory.resolve("admin-credentials.json");
    }

    public Path token() {
        return directory.resolve("cli-token.json");
    }

    public Path serverLog() {
        return directory.resolve("log").resolve("server.log");
    }

    /** The server that was last started here; empty when none was, or when it ended in order. */
    public Optional<Server> server() {
        return read(directory.resolve("server.json"))
                .filter(json -> !json.path("http_url").asString("").isBlank())
                .map(json -> new Server(
                        json.path("pid").asLong(0),
                        URI.create(json.path("http_url").asString(""))));
    }

    /**
     * The process that holds this home, whether it serves, starts or moves the storage. It says its number in the file that
     * it has locked, so that no other process is taken for it.
     */
    public Optional<Long> holder() {
        Path lock = directory.resolve("lock");
        try (FileChannel channel = FileChannel.open(lock);
                FileLock free = channel.tryLock(0, Long.MAX_VALUE, true)) {
            String number = Files.readString(lock).strip();
            return free == null && number.matches("\\d{1,18}") ? Optional.of(Long.parseLong(number)) : Optional.empty();
        } catch (NoSuchFileException absent) {
            return Optional.empty();
        } catch (IOException unreadable) {
            throw unreadable(lock, unreadable);
        }
    }

    /**
     * A JSON file of the home; empty when there is no such file.
     *
     * @throws Failure when the file cannot be read or is not JSON
     */
    static Optional<JsonNode> read(Path file) {
        try {
            return Optional.of(Json.parse(Files.readString(file)));
        } catch (NoSuchFileException absent) {
            return Optional.empty();
        } catch (IOException unreadable) {
            throw unreadable(file, unreadable);
        } catch (JacksonException malformed) {
            throw new Failure(
                    ExitCode.OTHER,
                    file + " is damaged: it is not JSON. Move it away and run ./espalier up.",
                    malformed);
        }
    }

    private static Failure unreadable(Path file, IOException cause) {
        return new Failure(
                ExitCode.NOT_ALLOWED,
                file + " cannot be read (" + cause
                        + "). Run as the user that runs the server, or set ESPALIER_HOME to a home of your own.",
                cause);
    }
}
