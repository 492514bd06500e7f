package dev.espalier.journal;

/** An event cannot be kept, or the journal cannot be used; the message names the cause and the fix. */
public sealed class JournalException extends RuntimeException permits JournalDamage {

    private static final long serialVersionUID = 1L;

    public JournalException(String message) {
        super(message);
    }

    public JournalException(String message, Throwable cause) {
        super(message, cause);
    }
}
