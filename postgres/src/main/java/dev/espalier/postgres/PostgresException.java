package dev.espalier.postgres;

/** PostgreSQL could not be found, started, stopped or asked; the message names the cause and what to do. */
public final class PostgresException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public PostgresException(String message) {
        super(message);
    }

    public PostgresException(String message, Throwable cause) {
        super(message, cause);
    }
}
