package dev.espalier.engine;

/** The engine could not do what was asked; the message names the cause and what to do. Nothing is left half-made. */
public class EngineException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public EngineException(String message) {
        super(message);
    }

    public EngineException(String message, Throwable cause) {
        super(message, cause);
    }
}
