package dev.espalier.benchmarks;

import dev.espalier.postgres.OsUser;
import dev.espalier.postgres.PostgresInstallation;
import dev.espalier.postgres.PostgresServer;
import dev.espalier.postgres.RunDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The ways without Espalier to a second server on the same data, on the same machine and file system. */
final class WithoutEspalier {

    private static final Duration DEADLINE = Duration.ofMinutes(5);

    private static final Pattern SEGMENT = Pattern.compile("[0-9A-F]{24}");

    private static final FileAttribute<Set<PosixFilePermission>> OWNER_ONLY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

    private final PostgresInstallation installation;
    private final OsUser user = OsUser.forPostgres("espalier");
    private final Path volumes;

    /** @param volumes directory on the volumes' file system that PostgreSQL's user can reach */
    WithoutEspalier(PostgresInstallation installation, Path volumes) {
        this.installation = installation;
        this.volumes = volumes;
    }

    /**
     * What pg_basebackup does (backup mode, copy of every byte, the log), then a server on the copy. pg_basebackup itself is
     * not part of the bundled binaries.
     */
    void baseBackup(Connection superuser, Path data, String database, Figures figures) throws Exception {
        startAndQuery(
                "base backup (backup mode, copy, start) → first query",
                copy -> copy(superuser, data, copy),
                database,
                figures);
    }

    /**
     * The floor: one btrfs snapshot, a server on it, one query. No row says that it exists, nothing is taken from it that
     * would reach out, nobody asks who calls, it has no history.
     */
    void snapshot(Path data, String database, Figures figures) throws Exception {
        startAndQuery(
                "bare btrfs snapshot and start → first query",
                copy -> {
                    run(List.of("btrfs", "subvolume", "snapshot", data.toString(), copy.toString()));
                    Files.deleteIfExists(copy.resolve("postmaster.pid"));
                },
                database,
                figures);
    }

    /** Makes a copy of the running cluster. */
    @FunctionalInterface
    private interface Copying {
        void to(Path copy) throws Exception;
    }

    /** Has a server on the copy answer a query; then removes both. */
    private void startAndQuery(String name, Copying copying, String database, Figures figures) throws Exception {
        Path copy = volumes.resolve(".bench-copy");
        PostgresServer[] started = new PostgresServer[1];
        try {
            figures.time(name, () -> {
                copying.to(copy);
                started[0] = start(copy);
                try (Connection session = started[0].connect(database);
                        var statement = session.createStatement()) {
                    statement.execute("SELECT count(*) FROM public.bench_tellers");
                }
            });
        } finally {
            if (started[0] != null) {
                started[0].stop(PostgresServer.Stop.IMMEDIATE, DEADLINE);
            }
            run(List.of("rm", "-rf", copy.toString()));
        }
    }

    private void copy(Connection superuser, Path data, Path copy) throws Exception {
        try (var statement = superuser.createStatement()) {
            statement.execute("SELECT pg_backup_start('bench', true)");
            Files.createDirectory(copy, OWNER_ONLY);
            // The log comes last, and without the marks of the archiver, which come and go while they are copied.
            copyFiles(data, name -> !name.equals("pg_wal"), copy);
            try (var rows = statement.executeQuery("SELECT labelfile FROM pg_backup_stop(false)")) {
                rows.next();
                Path label = copy.resolve("backup_label");
                Files.writeString(label, rows.getString(1));
                user.own(label);
            }
            Files.createDirectory(copy.resolve("pg_wal"), OWNER_ONLY);
            copyFiles(data.resolve("pg_wal"), SEGMENT.asMatchPredicate(), copy.resolve("pg_wal"));
            user.own(copy.resolve("pg_wal"));
            user.own(copy);
            Files.deleteIfExists(copy.resolve("postmaster.pid"));
        }
    }

    private static void copyFiles(Path from, Predicate<String> which, Path to) throws Exception {
        List<String> command =
                new ArrayList<>(List.of("cp", "-a", "--reflink=never", "--target-directory", to.toString()));
        try (Stream<Path> files = Files.list(from)) {
            files.filter(file -> which.test(file.getFileName().toString()))
                    .map(Path::toString)
                    .forEach(command::add);
        }
        run(command);
    }

    private PostgresServer start(Path copy) {
        return PostgresServer.start(
                new PostgresServer.Launch(
                        installation,
                        user,
                        copy,
                        new RunDirectory(volumes.resolve(".bench-run")),
                        Map.of("listen_addresses", "", "archive_mode", "off", "fsync", "off"),
                        Map.of(),
                        RunDirectory.Door.FENCED,
                        volumes.resolve(".bench-log")),
                DEADLINE);
    }

    private static void run(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException(String.join(" ", command) + " failed: " + output);
        }
    }
}
