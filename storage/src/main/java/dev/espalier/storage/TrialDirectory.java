package dev.espalier.storage;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A directory in which something is tried, gone afterwards with what is mounted in it. Its name has the process that tries and
 * when that started, so that what one leaves that is killed can be told from what another is at: a number alone comes again, in a
 * container often with the next start.
 */
public final class TrialDirectory implements AutoCloseable {

    private static final String PREFIX = ".espalier-trial-";
    private static final Pattern NAME = Pattern.compile(Pattern.quote(PREFIX) + "(\\d{1,18})-(\\d{1,20}-)?.*");
    private static final Pattern ESCAPED = Pattern.compile("\\\\([0-7]{3})");

    private final Path path;

    private TrialDirectory(Path path) {
        this.path = path;
    }

    /**
     * Makes one, after removing those that processes of this user have left.
     *
     * @throws IOException if nothing can be written there
     */
    public static TrialDirectory in(Path place) throws IOException {
        try (Directory directory = Directory.open(place)) {
            removeLeft(directory, place);
        }
        long pid = ProcessHandle.current().pid();
        return new TrialDirectory(Files.createTempDirectory(place, PREFIX + pid + "-" + started(pid) + "-"));
    }

    /** Removes those that processes of this user have left, with what is mounted in them. */
    static void removeLeft(Directory directory, Path place) {
        directory.names().stream().filter(name -> isLeft(directory, name)).forEach(name -> remove(place.resolve(name)));
    }

    private static boolean isLeft(Directory place, String name) {
        Matcher matcher = NAME.matcher(name);
        return matcher.matches()
                && !(started(Long.parseLong(matcher.group(1))) + "-").equals(matcher.group(2))
                && place.status(name)
                        .filter(status -> status.uid() == Owner.ofThisProcess().uid())
                        .isPresent();
    }

    /** When the process started, in the kernel's ticks since the machine did; empty if it does not run. */
    private static String started(long pid) {
        try {
            String status = Files.readString(Path.of("/proc/" + pid + "/stat"), StandardCharsets.ISO_8859_1);
            // The second field is the command's name in parentheses, which may have spaces; this is the twenty-second.
            return status.substring(status.lastIndexOf(')') + 2).split(" ", -1)[19];
        } catch (IOException e) {
            return "";
        }
    }

    public Path path() {
        return path;
    }

    @Override
    public void close() {
        remove(path);
    }

    private static void remove(Path trial) {
        unmount(trial);
        try (Directory place = Directory.open(trial.resolveSibling("."))) {
            place.remove(trial.getFileName().toString());
        }
    }

    /** What is mounted below, deepest first. */
    private static void unmount(Path trial) {
        Path whole = trial.toAbsolutePath();
        try (Stream<String> mounts = Files.lines(Path.of("/proc/self/mounts"))) {
            mounts.map(line -> Path.of(unescaped(line.split(" ")[1])))
                    .filter(mount -> mount.startsWith(whole))
                    .sorted(Comparator.comparingInt(Path::getNameCount).reversed())
                    .forEach(mount -> Errno.check("unmount " + mount, Linux.umount2(mount, Linux.MNT_DETACH)));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read what is mounted: " + e.getMessage(), e);
        }
    }

    private static String unescaped(String path) {
        return ESCAPED.matcher(path)
                .replaceAll(octal -> Matcher.quoteReplacement(Character.toString(Integer.parseInt(octal.group(1), 8))));
    }
}
