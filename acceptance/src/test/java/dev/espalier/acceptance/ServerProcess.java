package dev.espalier.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A started server, seen from outside. */
final class ServerProcess implements AutoCloseable {

    private static final Duration LONGEST_START = Duration.ofMinutes(3);
    private static final Duration LONGEST_STOP = Duration.ofMinutes(4);
    private static final Duration GLANCE = Duration.ofMillis(50);
    private static final JsonMapper JSON = new JsonMapper();

    private final Path home;
    private final Path log;
    private final Process process;

    ServerProcess(Path home, Jvm jvm, Path log) throws IOException {
        this.home = home;
        this.log = log;
        this.process = jvm.start(log.toFile());
    }

    /** Waits until server.json names this process. */
    void awaitReady() throws IOException {
        await(this::isReady);
    }

    /** Waits for something that happens during the start. */
    void await(BooleanSupplier condition) throws IOException {
        Instant deadline = Instant.now().plus(LONGEST_START);
        while (!condition.getAsBoolean()) {
            if (endsIn(GLANCE) || Instant.now().isAfter(deadline)) {
                throw new AssertionError("the server has not started:\n" + log());
            }
        }
    }

    private boolean isReady() {
        return Files.exists(home.resolve("server.json")) && running().get("pid").asLong() == process.pid();
    }

    private JsonNode running() {
        return JSON.readTree(home.resolve("server.json").toFile());
    }

    Path home() {
        return home;
    }

    String url() {
        return running().get("http_url").asString();
    }

    /** Where PostgreSQL clients connect. */
    int gatewayPort() throws IOException, InterruptedException {
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpRequest request =
                    HttpRequest.newBuilder(URI.create(url() + "/health")).build();
            String health = client.send(request, BodyHandlers.ofString()).body();
            return JSON.readTree(health).at("/gateway/port").asInt();
        }
    }

    String clientId() {
        return credentials().get("client_id").asString();
    }

    String clientSecret() {
        return credentials().get("client_secret").asString();
    }

    private JsonNode credentials() {
        return JSON.readTree(home.resolve("admin-credentials.json").toFile());
    }

    /** All that the server has said. */
    String log() throws IOException {
        return Files.readString(log);
    }

    /** Asks it to stop, as {@code espalier down} does, and waits for its end. */
    void stop() {
        process.destroy();
        assertThat(endsIn(LONGEST_STOP)).as("the server stops").isTrue();
    }

    /** Ends it without giving it a chance to clean up. */
    void kill() {
        process.destroyForcibly().onExit().join();
    }

    @Override
    public void close() {
        process.destroy();
        if (!endsIn(LONGEST_STOP)) {
            kill();
        }
    }

    private boolean endsIn(Duration time) {
        process.onExit()
                .completeOnTimeout(process, time.toMillis(), TimeUnit.MILLISECONDS)
                .join();
        return !process.isAlive();
    }
}
