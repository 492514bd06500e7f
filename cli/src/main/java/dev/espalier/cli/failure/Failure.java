package dev.espalier.cli.failure;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Ends the command: what stderr says, the exit code, and the API's error body where the API was the one to refuse. */
public final class Failure extends RuntimeException {
    private final String message;
    private final ExitCode exitCode;
    private final @Nullable String body;

    /** A failure the command found itself; {@code message} names the cause and the fix. */
    public Failure(ExitCode exitCode, String message) {
        this(exitCode, message, null, null);
    }

    /** As above, when another error led to it. */
    public Failure(ExitCode exitCode, String message, Throwable cause) {
        this(exitCode, message, null, cause);
    }

    private Failure(ExitCode exitCode, String message, @Nullable String body, @Nullable Throwable cause) {
        super(cause);
        this.message = message;
        this.exitCode = exitCode;
        this.body = body;
    }

    /** A refusal of the API, with the body it sent. */
    public static Failure answered(ExitCode exitCode, String message, String body) {
        return new Failure(exitCode, message, body, null);
    }

    @Override
    public String getMessage() {
        return message;
    }

    public ExitCode exitCode() {
        return exitCode;
    }

    /** The API's answer, unchanged. */
    public Optional<String> body() {
        return Optional.ofNullable(body);
    }
}
