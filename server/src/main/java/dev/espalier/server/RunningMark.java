package dev.espalier.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The file in the home that tells the command line which process runs and where it answers. */
final class RunningMark implements AutoCloseable {

    private static final String NAME = "server.json";
    private static final JsonMapper JSON = new JsonMapper();

    private final Path file;

    private RunningMark(Path file) {
        this.file = file;
    }

    /**
     * What a mark says; it stays when the server is killed.
     *
     * @param api where the API answers
     * @param gateway host and port; empty in the mark of an older server
     * @param data directory; empty in the mark of an older server
     */
    record Server(long pid, String api, Optional<String> gateway, Optional<Path> data) {}

    static RunningMark write(Path home, Server server, Clock clock) {
        Path file = home.resolve(NAME);
        Path unfinished = home.resolve(NAME + ".unfinished");
        try {
            ObjectNode mark = JSON.createObjectNode();
            mark.put("pid", server.pid());
            mark.put("http_url", server.api());
            server.gateway().ifPresent(gateway -> mark.put("gateway", gateway));
            server.data().ifPresent(data -> mark.put("data", data.toString()));
            mark.put("started", clock.instant().toString());
            Files.writeString(unfinished, mark + "\n");
            Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
            return new RunningMark(file);
        } catch (IOException e) {
            throw new StartException("cannot write " + file + ": " + e, e);
        }
    }

    /** The mark of the server that was last started here and has not ended in order. */
    static Optional<Server> read(Path home) {
        Path file = home.resolve(NAME);
        try {
            if (!Files.exists(file)) {
                return Optional.empty();
            }
            JsonNode mark = JSON.readTree(Files.readString(file));
            return Optional.of(new Server(
                    mark.path("pid").asLong(0),
                    mark.path("http_url").asString(""),
                    Optional.of(mark.path("gateway").asString("")).filter(text -> !text.isEmpty()),
                    Optional.of(mark.path("data").asString(""))
                            .filter(text -> !text.isEmpty())
                            .map(Path::of)));
        } catch (IOException | JacksonException e) {
            throw new StartException("cannot read " + file + ": " + e.getMessage() + ". Move it away.", e);
        }
    }

    /** Takes away the mark of a server that was killed. */
    static void remove(Path home) {
        try {
            Files.deleteIfExists(home.resolve(NAME));
        } catch (IOException e) {
            throw new StartException("cannot delete " + home.resolve(NAME) + ": " + e, e);
        }
    }

    @Override
    public void close() throws IOException {
        Files.deleteIfExists(file);
    }
}
