package dev.espalier.postgres;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Reads what PostgreSQL's processes say of themselves in the process list. A session says where it comes from, and here that
 * is always the Unix socket: {@code postgres: <cluster>: <role> <database> [local] <what it does>}.
 */
final class ProcessTitles {

    private static final String SESSION = "[local]";

    /** What our own replicas and mirrors have here. */
    private static final String OWN_SENDER = ": walsender espalier";

    private ProcessTitles() {}

    /** Whether the process is a session of somebody; false when it has ended. */
    static boolean isSession(long pid) {
        String title = title(pid);
        return title.contains(SESSION) && !title.contains(OWN_SENDER);
    }

    /** What the process says of itself; nothing when it has ended. */
    static String title(long pid) {
        try {
            return Files.readString(Path.of("/proc", Long.toString(pid), "cmdline"), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return "";
        }
    }
}
