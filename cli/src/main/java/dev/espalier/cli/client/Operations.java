package dev.espalier.cli.client;

import dev.espalier.cli.failure.ExitCode;
import dev.espalier.cli.failure.Failure;
import java.time.Duration;
import java.util.function.BiConsumer;
import tools.jackson.databind.JsonNode;

/** Follows a long-running operation to its end. */
public final class Operations {
    private static final Duration FIRST_PAUSE = Duration.ofMillis(50);
    private static final Duration LONGEST_PAUSE = Duration.ofMillis(500);

    private final ApiClient api;
    private final BiConsumer<String, Duration> progress;

    /** @param progress told what is being waited for and how long already, at every poll */
    public Operations(ApiClient api, BiConsumer<String, Duration> progress) {
        this.api = api;
        this.progress = progress;
    }

    /**
     * The operation's last answer.
     *
     * @throws Failure when the operation ended in an error, with {@link ExitCode#CONFLICT} as where the call itself is refused for that
     */
    public Reply await(Reply begun) {
        long start = System.nanoTime();
        Duration pause = FIRST_PAUSE;
        Reply latest = begun;
        while (!latest.json().path("done").asBoolean(false)) {
            String name = latest.json().path("name").asString("");
            progress.accept(
                    "Waiting for " + name.replaceFirst("/operations/.*", ""),
                    Duration.ofNanos(System.nanoTime() - start));
            pause(pause);
            pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0 ? pause.multipliedBy(2) : LONGEST_PAUSE;
            latest = api.get(name, Query.none());
        }
        return succeeded(latest);
    }

    /** The operation, unless it has ended in an error. */
    public static Reply succeeded(Reply operation) {
        JsonNode error = operation.json().path("error");
        if (error.isObject()) {
            throw ApiErrors.failedOperation(error, operation.body());
        }
        return operation;
    }

    private static void pause(Duration pause) {
        try {
            Thread.sleep(pause);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new Failure(ExitCode.OTHER, "Interrupted; the operation goes on in the server.", interrupted);
        }
    }
}
