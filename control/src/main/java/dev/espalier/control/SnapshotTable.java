package dev.espalier.control;

import static dev.espalier.control.Columns.timestamp;

import dev.espalier.engine.Snapshot;
import dev.espalier.postgres.Lsn;
import dev.espalier.storage.VolumeName;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import org.jdbi.v3.core.Handle;

/** Rows of {@code control.snapshot}. */
final class SnapshotTable {

    private SnapshotTable() {}

    static void insert(Handle handle, Snapshot snapshot) {
        handle.execute(
                "INSERT INTO control.snapshot (volume, of_volume, taken, lsn, replay_from) VALUES (?, ?, ?, ?, ?)",
                snapshot.volume().value(),
                snapshot.of().value(),
                timestamp(snapshot.time()),
                snapshot.lsn().toString(),
                snapshot.replayFrom().toString());
    }

    static void delete(Handle handle, VolumeName volume) {
        handle.execute("DELETE FROM control.snapshot WHERE volume = ?", volume.value());
    }

    /** The volume's snapshots, oldest first: by the position, as the clock may have been set back. */
    static List<Snapshot> of(Handle handle, VolumeName volume) {
        return handle.select(
                        "SELECT * FROM control.snapshot WHERE of_volume = ? ORDER BY lsn::pg_lsn, taken",
                        volume.value())
                .map((row, context) -> read(row))
                .list();
    }

    static List<Snapshot> all(Handle handle) {
        return handle.select("SELECT * FROM control.snapshot")
                .map((row, context) -> read(row))
                .list();
    }

    private static Snapshot read(ResultSet row) throws SQLException {
        return new Snapshot(
                new VolumeName(row.getString("volume")),
                new VolumeName(row.getString("of_volume")),
                Columns.instant(row, "taken"),
                Lsn.parse(row.getString("lsn")),
                Lsn.parse(row.getString("replay_from")));
    }
}
