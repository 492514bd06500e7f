package dev.espalier.postgres;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Reads what PostgreSQL's processes say of themselves in the process list: {@code postgres: <cluster>: <what> ...}. */
final class ProcessTitles {

    /** What PostgreSQL 15 to 18 start by themselves (miscinit.c, GetBackendTypeDesc). */
    private static final List<String> OWN = List.of(
            "archiver",
            "autovacuum launcher",
            "autovacuum worker",
            "background writer",
            "checkpointer",
            "io worker",
            "logical replication",
            "logger",
            "parallel worker",
            "slotsync worker",
            "startup",
            "walreceiver",
            "walsender",
            "walsummarizer",
            "walwriter");

    private ProcessTitles() {}

    /** Whether the process is a session of somebody; false when it has ended. */
    static boolean isSession(long pid) {
        try {
            String title =
                    Files.readString(Path.of("/proc", Long.toString(pid), "cmdline"), StandardCharsets.ISO_8859_1);
            int colon = title.startsWith("postgres: ") ? title.indexOf(": ", "postgres: ".length()) : -1;
            if (colon < 0) {
                // Just forked: not yet named, so it may become anything.
                return !title.isEmpty();
            }
            String what = title.substring(colon + 2);
            return OWN.stream().noneMatch(what::startsWith);
        } catch (IOException e) {
            return false;
        }
    }
}
