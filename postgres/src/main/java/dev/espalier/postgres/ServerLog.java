package dev.espalier.postgres;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Reads what a server has written before it stopped. */
final class ServerLog {

    private static final int LAST_LINES = 40;

    private ServerLog() {}

    /** The last FATAL, PANIC or error message of the log, with its hint; the last line where there is none. */
    static String cause(Path log) {
        List<String> lines;
        try {
            lines = new String(Files.readAllBytes(log), StandardCharsets.UTF_8)
                    .lines()
                    .toList();
        } catch (IOException e) {
            return "its log cannot be read (" + e.getMessage() + ")";
        }
        if (lines.isEmpty()) {
            return "it wrote nothing";
        }
        List<String> end = lines.subList(Math.max(0, lines.size() - LAST_LINES), lines.size());
        for (String line : end.reversed()) {
            for (String level : new String[] {"FATAL:  ", "PANIC:  ", "postgres: error: "}) {
                int at = line.indexOf(level);
                if (at >= 0) {
                    return line.substring(at + level.length());
                }
            }
        }
        return end.getLast();
    }
}
