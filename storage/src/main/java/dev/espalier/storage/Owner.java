package dev.espalier.storage;

/**
 * Whom new volumes belong to: the user PostgreSQL runs as. Only root can make volumes for somebody else.
 *
 * @param uid number of the user
 * @param gid number of the group
 */
public record Owner(int uid, int gid) {

    private static final Owner PROCESS = new Owner((int) Linux.geteuid(), (int) Linux.getegid());

    /** The user and group this process acts as. */
    public static Owner ofThisProcess() {
        return PROCESS;
    }

    boolean isRoot() {
        return uid == 0;
    }
}
