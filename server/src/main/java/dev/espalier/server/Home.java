package dev.espalier.server;

import dev.espalier.engine.Layout;
import dev.espalier.postgres.OsUser;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The home of one Espalier: settings, credentials and log, and the directory for its data. One process at a time holds it.
 */
final class Home implements AutoCloseable {

    /** What the directories look like inside; grows when an older Espalier could no longer read them. */
    private static final int FORMAT = 1;

    private static final String MARK = "espalier-format";
    private static final String UNFINISHED_MARK = MARK + ".unfinished";
    private static final String LOCK = "lock";
    private static final long LONGEST_LOOK_NANOS = 2_000_000_000L;
    private static final long POLL_NANOS = 10_000_000L;

    /** What may lie in a home before the first start: what the user and the command write there. */
    private static final Set<String> BEFORE_THE_FIRST_START =
            Set.of("espalier.toml", "cli-token.json", "log", "data", LOCK, UNFINISHED_MARK);

    private static final String PLAIN_PATH = "[A-Za-z0-9._/+@-]+";
    private static final Path SHARED = Path.of("/var/lib/espalier");

    private final Path path;
    private final FileChannel lockFile;
    private @Nullable FileChannel dataLockFile;

    private Home(Path path, FileChannel lockFile) {
        this.path = path;
        this.lockFile = lockFile;
    }

    /** The home that is meant when none is named. */
    static Path of(@Nullable String variable) {
        return (variable == null || variable.isBlank()
                        ? Path.of(System.getProperty("user.home"), ".espalier")
                        : Path.of(variable))
                .toAbsolutePath()
                .normalize();
    }

    /**
     * Takes hold of the home, which is made if it is not there.
     *
     * @throws StartException if another process holds it, a newer Espalier wrote it, or it is something else
     */
    static Home open(Path path) {
        refuse(foreignHome(path));
        try {
            Files.createDirectories(path.resolve("log"));
            // PostgreSQL's user passes through to the data; what is secret has its own mode.
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwx--x--x"));
            Files.setPosixFilePermissions(path.resolve("log"), PosixFilePermissions.fromString("rwx------"));
            FileChannel channel = FileChannel.open(
                    path.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.READ);
            try {
                if (!lock(channel)) {
                    throw new StartException("another Espalier runs on the home " + path + " (process " + holder(path)
                            + "). Stop it with ./espalier down, or name another home in ESPALIER_HOME.");
                }
                refuse(formatProblem(path, "home"));
                write(channel, Long.toString(ProcessHandle.current().pid()));
                mark(path);
            } catch (RuntimeException | IOException e) {
                channel.close();
                throw e;
            }
            return new Home(path, channel);
        } catch (IOException e) {
            throw new StartException(
                    "cannot use the home " + path + ": " + e + ". Name another one in ESPALIER_HOME.", e);
        }
    }

    /** Whether a process of Espalier holds the home; changes nothing. */
    static boolean isHeld(Path path) {
        Path lock = path.resolve(LOCK);
        if (!Files.exists(lock)) {
            return false;
        }
        try (FileChannel channel = FileChannel.open(lock)) {
            // Together with others who only look.
            return tryLock(channel, true) == null;
        } catch (IOException e) {
            throw new StartException(
                    "cannot look whether a server runs: " + e + ". Run as the user that started Espalier here.", e);
        }
    }

    /** The process that holds the home, as it says itself. */
    static String holder(Path path) {
        try {
            return Files.readString(path.resolve(LOCK)).strip();
        } catch (IOException e) {
            return "unknown: " + e;
        }
    }

    private static void write(FileChannel channel, String text) throws IOException {
        channel.truncate(0);
        channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)), 0);
    }

    private static void refuse(Optional<String> problem) {
        problem.ifPresent(text -> {
            throw new StartException(text);
        });
    }

    /** Who only looks holds it for a moment, who runs holds it to its end. */
    private static boolean lock(FileChannel channel) throws IOException {
        long end = System.nanoTime() + LONGEST_LOOK_NANOS;
        while (tryLock(channel, false) == null) {
            if (System.nanoTime() > end) {
                return false;
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
        return true;
    }

    private static @Nullable FileLock tryLock(FileChannel channel, boolean shared) throws IOException {
        try {
            return channel.tryLock(0, Long.MAX_VALUE, shared);
        } catch (OverlappingFileLockException e) {
            return null;
        }
    }

    Path path() {
        return path;
    }

    /**
     * The directory for data: the one that is set, or one in the home, or, where PostgreSQL's user cannot get there at the first
     * start, one in /var/lib/espalier that is named after the home.
     *
     * @throws StartException if there is something else in it
     */
    Path dataDirectory(Optional<Path> set, OsUser user) {
        Path data = dataDirectory(path, set, user);
        refuse(unreadable(data));
        refuse(foreignData(data));
        try {
            Files.createDirectories(data);
            Files.setPosixFilePermissions(data, PosixFilePermissions.fromString("rwxr-xr-x"));
            refuse(dataProblem(data, user));
            mark(data);
            hold(data);
            return data;
        } catch (IOException e) {
            throw new StartException("cannot use the data directory " + data + ": " + e, e);
        }
    }

    private static Optional<String> unreadable(Path data) {
        return data.toString().matches(PLAIN_PATH)
                ? Optional.empty()
                : Optional.of("the data directory \"" + data
                        + "\" has characters that PostgreSQL or a shell would read as something else. Name one with letters, "
                        + "digits, and . _ / + @ - only in data.directory.");
    }

    /** Why the directory cannot be used for data; changes nothing, and the directory need not be there. */
    static Optional<String> dataProblem(Path data, OsUser user) {
        Optional<String> unreadable = unreadable(data);
        if (unreadable.isPresent()) {
            return unreadable;
        }
        if (!user.canReach(data)) {
            return Optional.of("user " + user.name() + ", whom PostgreSQL runs as, cannot get to " + data
                    + ". Choose a data.directory below directories that everyone may pass, or let others pass them "
                    + "(chmod o+x).");
        }
        return foreignData(data).or(() -> Layout.problem(runs(data))).or(() -> formatProblem(data, "data directory"));
    }

    /** Where the sockets of the servers of a data directory lie. */
    static Path runs(Path data) {
        return data.resolve("run");
    }

    /** Why the directory cannot become a home; changes nothing, and the directory need not be there. */
    static Optional<String> homeProblem(Path home) {
        return foreignHome(home).or(() -> formatProblem(home, "home"));
    }

    private static Optional<String> foreignHome(Path home) {
        return foreign(home, BEFORE_THE_FIRST_START)
                .map(why -> "the home " + home + " " + why + ". Name an empty one, or one that is not there yet, in "
                        + "ESPALIER_HOME.");
    }

    private static Optional<String> foreignData(Path data) {
        return foreign(data, Set.of(UNFINISHED_MARK))
                .map(why -> "the data directory " + data + " " + why + ". Name an empty one in data.directory.");
    }

    /** What shows that a directory is something else's. One of Espalier's own has its mark. */
    private static Optional<String> foreign(Path directory, Set<String> harmless) {
        if (!Files.isDirectory(directory) || Files.exists(directory.resolve(MARK))) {
            return Optional.empty();
        }
        try (Stream<Path> content = Files.list(directory)) {
            Optional<String> other = content.map(Path::getFileName)
                    .map(Path::toString)
                    .filter(name -> !harmless.contains(name))
                    .findFirst();
            if (other.isPresent()) {
                return Optional.of("is not empty (" + other.get() + " is in it) and was not made by Espalier");
            }
            return Files.getPosixFilePermissions(directory).contains(PosixFilePermission.OTHERS_WRITE)
                    ? Optional.of("is one that everyone may write into")
                    : Optional.empty();
        } catch (IOException e) {
            return Optional.of("cannot be looked into (" + e + ")");
        }
    }

    /** Two homes must not share their data either. */
    private void hold(Path data) throws IOException {
        dataLockFile = FileChannel.open(
                data.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.READ);
        if (tryLock(dataLockFile, false) == null) {
            throw new StartException("another Espalier, with another home, runs on the data directory " + data
                    + ". Stop it, or name another data.directory.");
        }
    }

    /** A name for the data directory that no other has; made with it. */
    static String identity(Path data) {
        Path file = data.resolve("espalier-id");
        try {
            if (!Files.exists(file)) {
                Files.writeString(file, UUID.randomUUID().toString(), StandardOpenOption.CREATE_NEW);
            }
            return Files.readString(file).strip();
        } catch (IOException e) {
            throw new StartException("cannot read or write " + file + ": " + e, e);
        }
    }

    /**
     * The same without making anything. What has been used before is used again, whoever may pass to it now: another directory
     * would be an empty one.
     *
     * @throws StartException if both have been used
     */
    static Path dataDirectory(Path home, Optional<Path> set, OsUser user) {
        if (set.isPresent()) {
            return set.get();
        }
        Path inHome = home.resolve("data");
        Path shared = SHARED.resolve(Integer.toHexString(home.toString().hashCode()));
        boolean usedInHome = Files.exists(inHome.resolve(MARK));
        boolean usedShared = Files.exists(shared.resolve(MARK));
        if (usedInHome && usedShared) {
            throw new StartException("the home " + home + " has data in " + inHome + " and in " + shared
                    + ". Look which are the right ones, and name that directory in data.directory.");
        }
        if (usedInHome || usedShared) {
            return usedInHome ? inHome : shared;
        }
        boolean reachable = user.canReach(home.getParent() == null ? home : home.getParent());
        return user.dropped() && !reachable ? shared : inHome;
    }

    /** Why this Espalier cannot use what another one has written; changes nothing, and nothing need be there. */
    static Optional<String> formatProblem(Path directory, String what) {
        Path mark = directory.resolve(MARK);
        try {
            if (!Files.exists(mark)) {
                return Optional.empty();
            }
            String format = Files.readString(mark, StandardCharsets.UTF_8).strip();
            if (!format.matches("\\d{1,6}")) {
                return Optional.of("the file " + mark + " is damaged: it should hold the number of the " + what
                        + "'s format, and holds \"" + format + "\". If no newer Espalier has run here, write " + FORMAT
                        + " into it; else restore it from a backup.");
            }
            return Integer.parseInt(format) <= FORMAT
                    ? Optional.empty()
                    : Optional.of("the " + what + " " + directory + " has format " + format
                            + ", and this Espalier knows up to " + FORMAT + ". Start the newer version that wrote it.");
        } catch (IOException e) {
            return Optional.of("cannot read " + mark + ": " + e + ". Let this user read it.");
        }
    }

    /** Under another name until it is whole: a crash must not leave an empty mark. */
    private static void mark(Path directory) throws IOException {
        Path mark = directory.resolve(MARK);
        if (!Files.exists(mark)) {
            Path unfinished = directory.resolve(UNFINISHED_MARK);
            Files.writeString(unfinished, Integer.toString(FORMAT));
            Files.move(unfinished, mark, StandardCopyOption.ATOMIC_MOVE);
        }
    }

    @Override
    public void close() {
        try {
            if (dataLockFile != null) {
                dataLockFile.close();
            }
            lockFile.close();
        } catch (IOException e) {
            throw new StartException("cannot let go of the home " + path + ": " + e, e);
        }
    }
}
