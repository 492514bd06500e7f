package dev.espalier.storage;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A directory in which something is tried, gone afterwards with what is mounted in it. Its name has the process that tries, so
 * that what one leaves that is killed can be told from what another is at.
 */
public final class TrialDirectory implements AutoCloseable {

    private static final String PREFIX = ".espalier-trial-";
    private static final Pattern NAME = Pattern.compile(Pattern.quote(PREFIX) + "(\\d{1,18})-.*");
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
            directory.names().stream()
                    .filter(name -> isLeft(directory, name))
                    .forEach(name -> remove(place.resolve(name)));
        }
        return new TrialDirectory(Files.createTempDirectory(
                place, PREFIX + ProcessHandle.current().pid() + "-"));
    }

    private static boolean isLeft(Directory place, String name) {
        Matcher matcher = NAME.matcher(name);
        return matcher.matches()
                && ProcessHandle.of(Long.parseLong(matcher.group(1))).isEmpty()
                && place.status(name)
                        .filter(status -> status.uid() == Owner.ofThisProcess().uid())
                        .isPresent();
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
