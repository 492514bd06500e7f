package dev.espalier.engine;

/** The moment cannot be made again, whenever that is asked; the message names those that can. */
public final class UnreachableMomentException extends EngineException {

    private static final long serialVersionUID = 1L;

    UnreachableMomentException(String message) {
        super(message);
    }
}
