package dev.espalier.cli;

import dev.espalier.cli.client.Home;
import dev.espalier.cli.failure.ExitCode;
import dev.espalier.cli.failure.Failure;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;

/** The process of a home's server. */
final class ServerProcess {
    /** A word after the class that is no option is another command of the program, such as {@code storage}. */
    private static final Pattern SERVER =
            Pattern.compile(".*\\bdev\\.espalier\\.server\\.Main[\\x00 ]*(-.*)?", Pattern.DOTALL);

    private ServerProcess() {}

    /** The process of the server that runs from a home, or starts. */
    static Optional<ProcessHandle> find(Home home) {
        return home.holder()
                .flatMap(ProcessHandle::of)
                .filter(ProcessHandle::isAlive)
                .filter(handle -> SERVER.matcher(commandLine(handle)).matches());
    }

    /** Whether it has ended. Its parent may be one that takes note of nobody's end, and then the system goes on listing it. */
    static boolean hasEnded(ProcessHandle handle) {
        return !handle.isAlive() || isZombie(handle.pid());
    }

    /** The state follows the name, which stands in parentheses and may have some itself. */
    private static boolean isZombie(long pid) {
        try {
            String stat = Files.readString(Path.of("/proc/" + pid + "/stat"), StandardCharsets.ISO_8859_1);
            return stat.startsWith(") Z", stat.lastIndexOf(')'));
        } catch (IOException goneMeanwhile) {
            return true;
        }
    }

    private static String commandLine(ProcessHandle handle) {
        // Java's own answer is cut off after a page, which a long class path fills.
        Path whole = Path.of("/proc/" + handle.pid() + "/cmdline");
        try {
            return Files.isReadable(whole)
                    ? Files.readString(whole, StandardCharsets.ISO_8859_1)
                    : handle.info().commandLine().orElseThrow(() -> hidden(handle));
        } catch (IOException endedMeanwhile) {
            return "";
        }
    }

    private static Failure hidden(ProcessHandle handle) {
        return new Failure(
                ExitCode.NOT_ALLOWED,
                "Process " + handle.pid()
                        + ", which may be the server, belongs to another user and cannot be looked at."
                        + " Run this as the user that started the server.");
    }
}
