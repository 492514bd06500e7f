package dev.espalier.storage;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The disk, or the quota of the user Espalier runs as, has no room for what was to be written. */
public final class NoSpaceException extends StorageException {

    private static final long serialVersionUID = 1L;

    NoSpaceException(String message) {
        super(message);
    }

    /** Whether want of room is what the failure comes from, told by this exception or by the JDK's own, which have words alone. */
    public static boolean isBehind(Throwable failure) {
        for (@Nullable Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof NoSpaceException
                    || (cause instanceof IOException && Errno.isForWantOfRoom(String.valueOf(cause.getMessage())))) {
                return true;
            }
        }
        return false;
    }
}
