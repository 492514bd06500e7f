package dev.espalier.postgres;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorInputStream;

/** Finds PostgreSQL: the binaries that come with Espalier, unpacked once, and the versions installed on the machine. */
public final class Installations {

    /** Major version of the binaries on the class path. */
    public static final int BUNDLED = 18;

    private static final List<String> DISTRIBUTION_DIRECTORIES =
            List.of("/usr/lib/postgresql", "/usr/pgsql-%d", "/opt/postgresql");

    private static final String UNFINISHED = "unpacking";

    private final Map<Integer, PostgresInstallation> byMajor;

    private Installations(Map<Integer, PostgresInstallation> byMajor) {
        this.byMajor = byMajor;
    }

    /**
     * @param unpackInto directory for the bundled binaries; must be reachable by the user PostgreSQL runs as
     * @param named directories named by setting; each stands before what is found for its major version
     */
    public static Installations find(Path unpackInto, List<Path> named) {
        return find(unpackBundled(unpackInto), named);
    }

    /** The same, as far as it is there already: nothing is unpacked. */
    public static Installations look(Path unpackedIn, List<Path> named) {
        try {
            Path home = bundledHome(unpackedIn);
            return find(Files.exists(home) ? Optional.of(PostgresInstallation.at(home)) : Optional.empty(), named);
        } catch (IOException e) {
            throw new PostgresException("cannot look for the bundled PostgreSQL in " + unpackedIn + ": " + e, e);
        }
    }

    private static Installations find(Optional<PostgresInstallation> bundled, List<Path> named) {
        Map<Integer, PostgresInstallation> found = new TreeMap<>();
        for (int major = PostgresInstallation.OLDEST; major <= PostgresInstallation.NEWEST; major++) {
            installed(major).ifPresent(installation -> found.put(installation.major(), installation));
        }
        bundled.ifPresent(installation -> found.put(installation.major(), installation));
        for (Path home : named) {
            PostgresInstallation installation = PostgresInstallation.at(home);
            if (installation.major() < PostgresInstallation.OLDEST
                    || installation.major() > PostgresInstallation.NEWEST) {
                throw new PostgresException("PostgreSQL " + installation.version() + " in " + home + " is not between "
                        + PostgresInstallation.OLDEST + " and " + PostgresInstallation.NEWEST
                        + ". Name another directory.");
            }
            found.put(installation.major(), installation);
        }
        return new Installations(found);
    }

    /** All, by major version. */
    public Map<Integer, PostgresInstallation> all() {
        return Map.copyOf(byMajor);
    }

    /** @throws PostgresException naming the versions there are, if this one is not among them */
    public PostgresInstallation get(int major) {
        if (major < PostgresInstallation.OLDEST || major > PostgresInstallation.NEWEST) {
            throw new PostgresException("PostgreSQL " + major + " is none that Espalier runs. Choose "
                    + PostgresInstallation.OLDEST + " to " + PostgresInstallation.NEWEST + "; found: "
                    + byMajor.keySet()
                    + ".");
        }
        PostgresInstallation installation = byMajor.get(major);
        if (installation == null) {
            throw new PostgresException("PostgreSQL " + major + " is not installed; found: " + byMajor.keySet()
                    + ". Install it (Debian: apt-get install postgresql-" + major
                    + ") or name its directory in the setting postgres.installations.");
        }
        return installation;
    }

    private static Optional<PostgresInstallation> installed(int major) {
        return DISTRIBUTION_DIRECTORIES.stream()
                .map(pattern -> pattern.contains("%d")
                        ? Path.of(String.format(pattern, major))
                        : Path.of(pattern, Integer.toString(major)))
                .filter(home -> Files.isExecutable(home.resolve("bin/postgres"))
                        && Files.isExecutable(home.resolve("bin/initdb")))
                .findFirst()
                .map(PostgresInstallation::at);
    }

    /** One process after the other, so that what is unfinished is nobody's any more. */
    private static synchronized Optional<PostgresInstallation> unpackBundled(Path into) {
        try (InputStream archive = Installations.class.getResourceAsStream(bundledArchive())) {
            if (archive == null) {
                return Optional.empty();
            }
            Path home = bundledHome(into);
            Files.createDirectories(into);
            try (FileChannel lock = FileChannel.open(
                            into.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    var _ = lock.lock()) {
                deleteUnfinished(into);
                if (!Files.exists(home)) {
                    Path unfinished = Files.createTempDirectory(into, UNFINISHED);
                    unpack(archive, unfinished);
                    Files.setPosixFilePermissions(unfinished, PosixFilePermissions.fromString("rwxr-xr-x"));
                    Files.move(unfinished, home, StandardCopyOption.ATOMIC_MOVE);
                }
            }
            return Optional.of(PostgresInstallation.at(home));
        } catch (IOException e) {
            throw new PostgresException("cannot unpack the bundled PostgreSQL into " + into + ": " + e.getMessage(), e);
        }
    }

    /** What was left by a process that was killed, or for which the disk had no room. */
    private static void deleteUnfinished(Path into) throws IOException {
        try (Stream<Path> all = Files.list(into)) {
            for (Path left : all.filter(path -> path.getFileName().toString().startsWith(UNFINISHED))
                    .toList()) {
                RunDirectory.deleteAll(left);
            }
        }
    }

    /** Whether there are binaries for this machine on the class path. */
    public static boolean isBundled() {
        return Installations.class.getResource(bundledArchive()) != null;
    }

    private static String bundledArchive() {
        String architecture = System.getProperty("os.arch").equals("aarch64") ? "arm_64" : "x86_64";
        return "/postgres-linux-" + architecture + ".txz";
    }

    private static Path bundledHome(Path into) throws IOException {
        return into.resolve("postgresql-" + bundledVersion());
    }

    private static String bundledVersion() throws IOException {
        Properties build = new Properties();
        try (InputStream in = Installations.class.getResourceAsStream("bundled.properties")) {
            build.load(Objects.requireNonNull(in, "bundled.properties is missing from the build"));
        }
        return build.getProperty("version");
    }

    private static void unpack(InputStream archive, Path into) throws IOException {
        try (TarArchiveInputStream tar =
                new TarArchiveInputStream(new XZCompressorInputStream(new BufferedInputStream(archive)))) {
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                Path target = into.resolve(entry.getName()).normalize();
                if (!target.startsWith(into)) {
                    throw new IOException("the archive names a file outside: " + entry.getName());
                }
                if (entry.isDirectory()) {
                    Files.createDirectories(target);
                } else {
                    Files.createDirectories(target.getParent());
                    if (entry.isSymbolicLink()) {
                        Files.createSymbolicLink(target, Path.of(entry.getLinkName()));
                    } else {
                        Files.copy(tar, target);
                        Files.setPosixFilePermissions(
                                target,
                                PosixFilePermissions.fromString(
                                        (entry.getMode() & 0100) != 0 ? "rwxr-xr-x" : "rw-r--r--"));
                    }
                }
            }
        }
        try (Stream<Path> all = Files.walk(into)) {
            for (Path directory : all.filter(p -> Files.isDirectory(p, java.nio.file.LinkOption.NOFOLLOW_LINKS))
                    .toList()) {
                Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
            }
        }
    }
}
