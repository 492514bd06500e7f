package dev.espalier.postgres;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The operating system's user that PostgreSQL runs as. PostgreSQL refuses to run as root, so that a process started as
 * root drops to a system user of its own; any other process runs PostgreSQL as itself.
 *
 * @param name login name
 * @param uid user id
 * @param gid primary group's id
 * @param dropped whether commands must change to this user
 */
public record OsUser(String name, int uid, int gid, boolean dropped) {

    private static final int NOBODY = -1;

    private static final Path PASSWD = Path.of("/etc/passwd");

    /** The user this process runs as. */
    public static OsUser current() {
        try {
            Path self = Path.of("/proc/self");
            int uid = (Integer) Files.getAttribute(self, "unix:uid");
            int gid = (Integer) Files.getAttribute(self, "unix:gid");
            return new OsUser(System.getProperty("user.name"), uid, gid, false);
        } catch (IOException e) {
            throw new PostgresException(
                    "cannot read the owner of /proc/self. Espalier needs Linux with /proc mounted.", e);
        }
    }

    /**
     * The user to run PostgreSQL as: this process' own, or, when that is root, the system user of the given name, which is
     * made if there is none.
     *
     * @throws PostgresException if the system user cannot be made
     */
    public static OsUser forPostgres(String systemUser) {
        OsUser current = current();
        if (current.uid() != 0) {
            return current;
        }
        return lookUp(systemUser).orElseGet(() -> {
            Commands.run(List.of(
                    "useradd",
                    "--system",
                    "--user-group",
                    "--no-create-home",
                    "--shell",
                    "/usr/sbin/nologin",
                    systemUser));
            return lookUp(systemUser)
                    .orElseThrow(() -> new PostgresException("useradd made no user " + systemUser
                            + ". Add a system user of that name and start again."));
        });
    }

    /** As {@link #forPostgres}, and makes none: a system user that is not there yet has no ids, see {@link #isThere}. */
    public static OsUser expectedForPostgres(String systemUser) {
        OsUser current = current();
        return current.uid() != 0 ? current : lookUp(systemUser).orElse(new OsUser(systemUser, NOBODY, NOBODY, true));
    }

    /** False for a user who is yet to be made. */
    public boolean isThere() {
        return uid != NOBODY;
    }

    private static java.util.Optional<OsUser> lookUp(String name) {
        try (Stream<String> lines = Files.lines(PASSWD)) {
            return lines.map(line -> line.split(":", -1))
                    .filter(fields -> fields.length >= 4 && fields[0].equals(name))
                    .findFirst()
                    .map(fields -> new OsUser(name, Integer.parseInt(fields[2]), Integer.parseInt(fields[3]), true));
        } catch (IOException e) {
            throw new PostgresException("cannot read " + PASSWD + ": " + e.getMessage(), e);
        }
    }

    /** The command as this user: changed with util-linux' setpriv, which replaces itself, where a change is needed. */
    public List<String> command(List<String> command) {
        if (!dropped) {
            return command;
        }
        List<String> changed = new ArrayList<>(
                List.of("setpriv", "--reuid=" + uid, "--regid=" + gid, "--clear-groups", "--no-new-privs"));
        changed.addAll(command);
        return changed;
    }

    /** Makes the path belong to this user where this process is another one. */
    public void own(Path path) {
        if (dropped) {
            try {
                // Never through a link: the directory may be this user's, who could have put one there.
                Files.setAttribute(path, "unix:uid", uid, LinkOption.NOFOLLOW_LINKS);
                Files.setAttribute(path, "unix:gid", gid, LinkOption.NOFOLLOW_LINKS);
            } catch (IOException e) {
                throw new PostgresException("cannot give " + path + " to user " + name + ": " + e.getMessage(), e);
            }
        }
    }

    /** Whether this user may pass through every directory above the path. */
    public boolean canReach(Path path) {
        if (!dropped) {
            return true;
        }
        try {
            for (Path p = path.toAbsolutePath(); p != null; p = p.getParent()) {
                if (Files.exists(p) && !mayPass(p)) {
                    return false;
                }
            }
            return true;
        } catch (IOException e) {
            throw new PostgresException("cannot read the permissions above " + path + ": " + e.getMessage(), e);
        }
    }

    private boolean mayPass(Path directory) throws IOException {
        int mode = (Integer) Files.getAttribute(directory, "unix:mode");
        int owner = (Integer) Files.getAttribute(directory, "unix:uid");
        int group = (Integer) Files.getAttribute(directory, "unix:gid");
        int shift = owner == uid ? 6 : group == gid ? 3 : 0;
        return (mode >> shift & 1) != 0;
    }
}
