package dev.espalier.postgres;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The part of a cluster's {@code global/pg_control} whose layout has not changed from PostgreSQL 15 to 18 (pg_control.h).
 *
 * @param systemIdentifier made at initdb, kept by copies
 * @param isShutDown whether the cluster was stopped in order, so that nothing follows its last checkpoint
 * @param checkpoint position of the last checkpoint record
 * @param redo position from which recovery starts
 * @param timeline timeline of the last checkpoint
 */
public record ControlFile(long systemIdentifier, boolean isShutDown, Lsn checkpoint, Lsn redo, int timeline) {

    private static final int OLDEST_LAYOUT = 1300;
    private static final int NEWEST_LAYOUT = 1800;
    private static final int SHUT_DOWN = 1;
    private static final int SHUT_DOWN_IN_RECOVERY = 2;

    /**
     * Reads the control file of the data directory.
     *
     * @throws PostgresException if the directory holds no cluster of a known version
     */
    public static ControlFile read(Path dataDirectory) {
        Path file = dataDirectory.resolve("global").resolve("pg_control");
        try {
            ByteBuffer control = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
            int layout = control.getInt(8);
            if (layout < OLDEST_LAYOUT || layout > NEWEST_LAYOUT) {
                throw new PostgresException(file + " has layout " + layout + ", and Espalier knows " + OLDEST_LAYOUT
                        + " to " + NEWEST_LAYOUT + " (PostgreSQL 15 to 18). Use a cluster of one of these versions.");
            }
            int state = control.getInt(16);
            return new ControlFile(
                    control.getLong(0),
                    state == SHUT_DOWN || state == SHUT_DOWN_IN_RECOVERY,
                    new Lsn(control.getLong(32)),
                    new Lsn(control.getLong(40)),
                    control.getInt(48));
        } catch (IOException e) {
            throw new PostgresException(
                    "the cluster's control file cannot be read (" + e
                            + "): its data are damaged. Reset the branch, restore it to an earlier moment, or delete it.",
                    e);
        } catch (IndexOutOfBoundsException e) {
            throw new PostgresException(
                    file + " is too short to be a control file. Use an undamaged data directory.", e);
        }
    }

    /** Position after the last whole record in the directory's own log. */
    public Lsn endOfLog(Path dataDirectory) {
        return CommitTimes.end(new WalSegments(List.of(dataDirectory.resolve("pg_wal")), timeline), redo);
    }
}
