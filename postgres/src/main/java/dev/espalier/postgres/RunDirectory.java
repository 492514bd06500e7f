package dev.espalier.postgres;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The private directory of one running server: its Unix socket, which only the server's own user and root can reach, and
 * the files that say who may sign in. It lies outside the data directory, so that a copy of the data brings no sign-in
 * along.
 *
 * @param path the directory
 */
public record RunDirectory(Path path) {

    /** Longest path of a Unix socket on Linux, in bytes (sun_path of unix(7), with its end mark). */
    private static final int LONGEST_SOCKET_PATH = 107;

    /** What initdb writes for its C locale into the file that this one stands for, and is not the server's own default. */
    private static final String AS_INITDB_SETS = "default_text_search_config = 'pg_catalog.english'\n";

    /** Who may sign in through the socket. */
    public enum Door {
        /** Nobody but Espalier itself. */
        FENCED,
        /** Every role of the database, for the operating system users that Espalier trusts. */
        OPEN
    }

    /** @throws PostgresException if the socket's path would be longer than the system allows */
    public RunDirectory {
        int length = path.resolve(".s.PGSQL.5432").toString().getBytes(StandardCharsets.UTF_8).length;
        if (length > LONGEST_SOCKET_PATH) {
            throw new PostgresException("the path of the socket in " + path + " would have " + length
                    + " bytes, and the system allows " + LONGEST_SOCKET_PATH
                    + ". Choose a shorter data directory (setting data.directory).");
        }
    }

    /** Makes the directory and its files anew. */
    void prepare(OsUser user, int major, Door door, Map<String, String> userSettings) {
        try {
            Files.createDirectories(path);
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwx------"));
            Files.writeString(identFile(), ident(user, major));
            Files.writeString(
                    configFile(),
                    AS_INITDB_SETS
                            + userSettings.entrySet().stream()
                                    .map(setting -> setting.getKey() + " = " + quoted(setting.getValue()) + "\n")
                                    .sorted()
                                    .collect(Collectors.joining()));
            writeDoor(major, door);
            for (Path file : new Path[] {path, identFile(), configFile(), accessFile()}) {
                user.own(file);
            }
        } catch (IOException e) {
            throw new PostgresException("cannot write into " + path + ": " + e.getMessage(), e);
        }
    }

    /** Changes who may sign in; holds for a running server after it has read its files again. */
    void writeDoor(int major, Door door) throws IOException {
        Files.writeString(accessFile(), access(major, door));
    }

    Path socket() {
        return path.resolve(".s.PGSQL.5432");
    }

    Path accessFile() {
        return path.resolve("pg_hba.conf");
    }

    Path identFile() {
        return path.resolve("pg_ident.conf");
    }

    Path configFile() {
        return path.resolve("postgresql.conf");
    }

    /** Removes the directory and all in it; nothing happens when there is none. */
    public void delete() {
        if (!Files.exists(path)) {
            return;
        }
        try {
            deleteAll(path);
        } catch (IOException e) {
            throw new PostgresException("cannot remove " + path + ": " + e.getMessage(), e);
        }
    }

    /** Removes a directory and all in it. */
    static void deleteAll(Path directory) throws IOException {
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path file : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }

    private static String access(int major, Door door) {
        String own = "local all,replication " + PostgresInstallation.SUPERUSER + " peer map=espalier\n";
        return switch (door) {
            case FENCED -> own + "local all all reject\n";
            // Before 16 a map cannot say "every role"; there the directory's mode alone keeps others out.
            case OPEN -> own + (major >= 16 ? "local all all peer map=espalier\n" : "local all all trust\n");
        };
    }

    /** Espalier's own user may be every role; the server's user may be the superuser, for its standbys, and those that feed mirrors. */
    private static String ident(OsUser user, int major) {
        StringBuilder map = new StringBuilder();
        String self = OsUser.current().name();
        map.append("espalier ")
                .append(self)
                .append(' ')
                .append(PostgresInstallation.SUPERUSER)
                .append('\n');
        map.append("espalier ")
                .append(user.name())
                .append(' ')
                .append(PostgresInstallation.SUPERUSER)
                .append('\n');
        if (major >= 16) {
            map.append("espalier ").append(self).append(" all\n");
            // The servers of mirrors.
            map.append("espalier ").append(user.name()).append(" /^espalier_mirror_\n");
        }
        return map.toString();
    }

    private static String quoted(String value) {
        return "'" + value.replace("'", "''").replace("\\", "\\\\") + "'";
    }
}
