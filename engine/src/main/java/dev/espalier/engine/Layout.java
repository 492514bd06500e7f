package dev.espalier.engine;

import dev.espalier.postgres.OsUser;
import dev.espalier.postgres.PostgresException;
import dev.espalier.postgres.RunDirectory;
import dev.espalier.storage.VolumeName;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;

/**
 * Where the engine keeps what is not a volume.
 *
 * @param volumes directory that the volumes lie in
 * @param archives write-ahead log archives, on the volumes' own file system so that blocks can be shared
 * @param runs run directories of servers
 * @param logs servers' logs
 * @param user user that PostgreSQL runs as
 */
public record Layout(Path volumes, Path archives, Path runs, Path logs, OsUser user) {

    /** Characters of the longest id that a compute may have. */
    public static final int LONGEST_ID = 32;

    /** Why servers could not have their sockets below this directory; empty if they can. */
    public static Optional<String> problem(Path runs) {
        try {
            var _ = new RunDirectory(runs.resolve("x".repeat(LONGEST_ID)));
            return Optional.empty();
        } catch (PostgresException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    /** Makes the directories. */
    public void prepare() {
        for (Path directory : new Path[] {archives, runs, logs}) {
            privateDirectory(directory);
        }
    }

    RunDirectory run(String computeId) {
        return new RunDirectory(runs.resolve(computeId));
    }

    Path log(String computeId) {
        return logs.resolve(computeId + ".log");
    }

    /** Where the volume's log is archived. */
    Path archive(VolumeName volume) {
        return archives.resolve(volume.value());
    }

    /** Makes a directory that only PostgreSQL's user can enter; nothing happens when it is there. */
    void privateDirectory(Path directory) {
        try {
            Files.createDirectories(directory);
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
            user.own(directory);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot make the directory " + directory, e);
        }
    }
}
