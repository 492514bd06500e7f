package dev.espalier.storage;

/** The disk, or the quota of the user Espalier runs as, has no room for what was to be written. */
public final class NoSpaceException extends StorageException {

    private static final long serialVersionUID = 1L;

    NoSpaceException(String message) {
        super(message);
    }
}
