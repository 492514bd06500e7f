package dev.espalier.postgres;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** The file that a server writes its messages to. */
public final class ServerLog {

    /** Setting {@code log_line_prefix}: the time, the process, the SQLSTATE, and who is signed in where. */
    static final String LINE_PREFIX = "%m [%p] %e %q%u@%d ";

    private static final Pattern STATE_OF_ERROR =
            Pattern.compile("(?m)^\\S+ \\S+ \\S+ \\[\\d+] ([0-9A-Z]{5}) .*ERROR:  ");

    /** How PostgreSQL ends when a setting in its file is wrong; which one, it has logged just before. */
    private static final String BAD_SETTING = " contains errors";

    private static final int LAST_BYTES = 64 << 10;
    private static final long LARGEST = 64L << 20;

    private ServerLog() {}

    /** Its length in bytes; 0 where there is none yet. */
    static long bytes(Path log) {
        try {
            return Files.size(log);
        } catch (IOException _) {
            return 0;
        }
    }

    /**
     * The last FATAL, PANIC or error message of the log, or what led to it where that says no more than in which file; the
     * last line where there is none.
     *
     * @param from how long the log was before the server was started, in bytes: what stands there, others have said
     */
    static String cause(Path log, long from) {
        List<String> lines;
        try {
            lines = end(log, from).lines().toList();
        } catch (IOException e) {
            return "its log cannot be read (" + e.getMessage() + ")";
        }
        if (lines.isEmpty()) {
            return "it wrote nothing";
        }
        String last = last(lines, "FATAL:  ", "PANIC:  ", "postgres: error: ").orElseGet(lines::getLast);
        return last.endsWith(BAD_SETTING) ? last(lines, "LOG:  ").orElse(last) : last;
    }

    /** SQLSTATE of the last error that a session or process has met with. */
    public static Optional<String> lastErrorState(Path log) {
        try {
            return STATE_OF_ERROR
                    .matcher(end(log, 0))
                    .results()
                    .reduce((_, last) -> last)
                    .map(last -> last.group(1));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** The last message of one of the levels. */
    private static Optional<String> last(List<String> lines, String... levels) {
        for (String line : lines.reversed()) {
            for (String level : levels) {
                int at = line.indexOf(level);
                if (at >= 0) {
                    return Optional.of(line.substring(at + level.length()));
                }
            }
        }
        return Optional.empty();
    }

    private static String end(Path log, long from) throws IOException {
        try (FileChannel channel = FileChannel.open(log, StandardOpenOption.READ)) {
            long size = channel.size();
            // One that is shorter than it was has been emptied meanwhile.
            long added = from <= size ? size - from : size;
            ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(added, LAST_BYTES));
            channel.read(bytes, channel.size() - bytes.capacity());
            return StandardCharsets.UTF_8.decode(bytes.flip()).toString();
        }
    }

    /**
     * Empties a log that has grown too large: whoever may sign in can make it grow. The server goes on writing at its
     * beginning.
     */
    public static void trim(Path log) {
        try {
            if (Files.size(log) > LARGEST) {
                Files.write(log, new byte[0], StandardOpenOption.TRUNCATE_EXISTING);
            }
        } catch (NoSuchFileException e) {
            // Removed with its endpoint.
        } catch (IOException e) {
            throw new PostgresException("cannot empty the log " + log + ": " + e.getMessage(), e);
        }
    }
}
