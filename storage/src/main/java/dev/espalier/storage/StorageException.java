package dev.espalier.storage;

/** A storage operation failed; the message names the cause and, after a full stop, what to do. */
public sealed class StorageException extends RuntimeException permits NoSpaceException {

    private static final long serialVersionUID = 1L;

    private final String reason;
    private final String fix;

    public StorageException(String message) {
        this(message, "");
    }

    public StorageException(String message, Throwable cause) {
        this(message, "", cause);
    }

    /**
     * @param reason what failed and why, without a full stop
     * @param fix what to do about it; empty where nothing is known
     */
    public StorageException(String reason, String fix) {
        super(message(reason, fix));
        this.reason = reason;
        this.fix = fix;
    }

    /** As {@link #StorageException(String, String)}, with the exception that led to it. */
    public StorageException(String reason, String fix, Throwable cause) {
        super(message(reason, fix), cause);
        this.reason = reason;
        this.fix = fix;
    }

    private static String message(String reason, String fix) {
        return fix.isEmpty() ? reason : reason + ". " + fix;
    }

    /** What failed and why. */
    public String reason() {
        return reason;
    }

    /** What to do about it; empty where nothing is known. */
    public String fix() {
        return fix;
    }
}
