package dev.espalier.control;

import static dev.espalier.control.Columns.timestamp;

import dev.espalier.storage.VolumeName;
import java.time.Instant;
import org.jdbi.v3.core.Handle;

/** Rows of {@code control.branch_space}: what branches occupied when that was last measured. */
final class BranchSpaceTable {

    /**
     * What a branch occupied.
     *
     * @param exclusiveBytes what deleting the branch, with its history, would have freed
     * @param historyBytes the archived write-ahead log's part in that
     */
    record Figure(long exclusiveBytes, long historyBytes, Instant measured) {}

    private BranchSpaceTable() {}

    /** Nothing comes of it if the branch is gone or has another volume by now. */
    static void measured(Handle handle, String branchUid, VolumeName volume, Figure figure) {
        handle.execute(
                """
                INSERT INTO control.branch_space (branch_uid, volume, exclusive_bytes, history_bytes, measured_time)
                SELECT uid, volume, ?, ?, ? FROM control.branch WHERE uid = ? AND volume = ?
                ON CONFLICT (branch_uid) DO UPDATE
                SET volume = excluded.volume, exclusive_bytes = excluded.exclusive_bytes,
                    history_bytes = excluded.history_bytes, measured_time = excluded.measured_time
                """,
                figure.exclusiveBytes(),
                figure.historyBytes(),
                timestamp(figure.measured()),
                branchUid,
                volume.value());
    }
}
