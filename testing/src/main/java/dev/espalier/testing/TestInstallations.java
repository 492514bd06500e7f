package dev.espalier.testing;

import dev.espalier.postgres.Installations;
import dev.espalier.postgres.OsUser;
import dev.espalier.postgres.PostgresInstallation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;

/**
 * PostgreSQL for the tests of all modules: what is installed, and the one that comes along, unpacked once and kept in the
 * directory for temporary files. Unpacking takes two seconds of processor time.
 */
public final class TestInstallations {

    private static final Installations ALL = find();

    private TestInstallations() {}

    public static Installations all() {
        return ALL;
    }

    public static PostgresInstallation bundled() {
        return ALL.get(Installations.BUNDLED);
    }

    private static Installations find() {
        Path directory = Path.of(
                System.getProperty("java.io.tmpdir"),
                "espalier-test-postgresql-" + OsUser.current().uid());
        try {
            Files.createDirectories(directory);
            // PostgreSQL's own user starts the programs.
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
            return Installations.find(directory, List.of());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
