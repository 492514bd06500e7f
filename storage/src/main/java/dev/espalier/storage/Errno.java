package dev.espalier.storage;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** Error numbers of Linux (the same on amd64 and arm64), in words and with the fix where one is known. */
final class Errno {

    static final int EPERM = 1;
    static final int ENOENT = 2;
    static final int ENXIO = 6;
    static final int EACCES = 13;
    static final int EBUSY = 16;
    static final int EXDEV = 18;
    static final int ENODEV = 19;
    static final int EISDIR = 21;
    static final int EINVAL = 22;
    static final int EMFILE = 24;
    static final int ENOTTY = 25;
    static final int ENOSPC = 28;
    static final int EROFS = 30;
    static final int ENODATA = 61;
    static final int EOPNOTSUPP = 95;
    static final int EDQUOT = 122;

    private Errno() {}

    /**
     * The exception for a call that answered minus errno.
     *
     * @param operation what was tried, in words, with its subject: {@code "clone /a to /b"}
     */
    static StorageException failure(String operation, long result) {
        int errno = (int) -result;
        String fix = fix(errno);
        String message = "cannot " + operation + ": " + Words.of(errno) + (fix.isEmpty() ? "" : ". " + fix);
        return errno == ENOSPC || errno == EDQUOT ? new NoSpaceException(message) : new StorageException(message);
    }

    /** Whether the message of a JDK's exception ends in the C library's words for a full disk or a used-up quota. */
    static boolean isForWantOfRoom(String message) {
        return message.endsWith(Words.of(ENOSPC)) || message.endsWith(Words.of(EDQUOT));
    }

    /** The result, if it is one. */
    static long check(String operation, long result) {
        if (result < 0) {
            throw failure(operation, result);
        }
        return result;
    }

    private static String fix(int errno) {
        return switch (errno) {
            case EPERM, EACCES -> "Run Espalier as the owner of the files, or as root";
            case ENOSPC -> "Delete branches or snapshots, or give the disk more room";
            case EDQUOT -> "Raise the quota of the user Espalier runs as";
            case EROFS -> "The file system is mounted read-only: see dmesg for the cause, then mount it writable";
            case EXDEV -> "Both must lie in one mount of one file system";
            case EBUSY -> "Stop the processes that use it; fuser -vm shows them";
            case ENODEV -> "The kernel does not know this kind of file system: load its module with modprobe";
            case EMFILE -> "Raise the limit of open files (ulimit -n, LimitNOFILE=)";
            case EOPNOTSUPP, ENOTTY -> "The file system does not offer this: choose another storage backend";
            default -> "";
        };
    }

    /** The C library's own words, looked up only when something has failed. */
    private static final class Words {
        private static final MethodHandle STRERROR = Linker.nativeLinker()
                .downcallHandle(
                        Linker.nativeLinker().defaultLookup().find("strerror").orElseThrow(),
                        FunctionDescriptor.of(ValueLayout.ADDRESS, ValueLayout.JAVA_INT));

        static String of(int errno) {
            try {
                MemorySegment text = (MemorySegment) STRERROR.invokeExact(errno);
                return text.reinterpret(1024).getString(0);
            } catch (RuntimeException | Error e) {
                throw e;
            } catch (Throwable e) {
                throw new AssertionError("strerror throws no checked exception", e);
            }
        }
    }
}
