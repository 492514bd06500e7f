package dev.espalier.control;

import static dev.espalier.control.Columns.timestamp;

import dev.espalier.control.setting.ActivityPolicy;
import dev.espalier.control.setting.EndpointSettings;
import dev.espalier.control.setting.PgSettings;
import dev.espalier.engine.Engine;
import dev.espalier.storage.VolumeName;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jdbi.v3.core.Handle;

/** Rows of {@code control.endpoint}. What an endpoint does is not stored: the engine knows. */
final class EndpointTable {

    private static final String SELECT = """
            SELECT e.*, b.branch_id, p.project_id
            FROM control.endpoint e
            JOIN control.branch b ON b.uid = e.branch_uid
            JOIN control.project p ON p.uid = b.project_uid
            """;

    private final Engine engine;

    EndpointTable(Engine engine) {
        this.engine = engine;
    }

    void insert(Handle handle, Endpoint endpoint) {
        handle.createUpdate("""
                        INSERT INTO control.endpoint (
                            uid, branch_uid, endpoint_id, type, min_cu, max_cu, suspend_after, disabled, pg_settings,
                            activity_policy, replica_volume, create_time, update_time)
                        VALUES (
                            :uid, :branchUid, :endpointId, :type, :minCu, :maxCu, :suspendAfter, :disabled, :pgSettings,
                            :activityPolicy, :replicaVolume, :createTime, :createTime)
                        """)
                .bind("uid", endpoint.uid())
                .bind("branchUid", endpoint.branchUid())
                .bind("endpointId", endpoint.endpointId())
                .bind("type", endpoint.type().name())
                .bind("minCu", endpoint.settings().minCu())
                .bind("maxCu", endpoint.settings().maxCu())
                .bind("suspendAfter", Columns.seconds(endpoint.settings().suspendAfter()))
                .bind("disabled", endpoint.disabled())
                .bind("pgSettings", Json.write(endpoint.settings().pgSettings()))
                .bind("activityPolicy", Json.write(endpoint.activityPolicy()))
                .bind(
                        "replicaVolume",
                        endpoint.replicaVolume().map(VolumeName::value).orElse(null))
                .bind("createTime", timestamp(endpoint.createTime()))
                .execute();
    }

    /** Of all there are, those of deleted branches among them. */
    static Set<String> uids(Handle handle) {
        return handle.select("SELECT uid FROM control.endpoint")
                .mapTo(String.class)
                .set();
    }

    /**
     * Uids of the endpoints of a project's branches, by the branch's uid, the read-write one of each first; of branches that are not
     * deleted.
     */
    static Map<String, List<String>> uids(Handle handle, String projectUid) {
        Map<String, List<String>> uids = new HashMap<>();
        handle.createQuery("""
                        SELECT e.branch_uid, e.uid
                        FROM control.endpoint e
                        JOIN control.branch b ON b.uid = e.branch_uid
                        WHERE b.project_uid = :project AND b.delete_time IS NULL
                        ORDER BY e.type = 'READ_WRITE' DESC
                        """)
                .bind("project", projectUid)
                .map((row, context) -> uids.computeIfAbsent(row.getString("branch_uid"), _ -> new ArrayList<>())
                        .add(row.getString("uid")))
                .list();
        return uids;
    }

    void change(
            Handle handle,
            String uid,
            EndpointSettings settings,
            ActivityPolicy activityPolicy,
            boolean disabled,
            Instant now) {
        handle.createUpdate("""
                        UPDATE control.endpoint
                        SET largest_cu = greatest(largest_cu, max_cu), min_cu = :minCu, max_cu = :maxCu, suspend_after = :suspendAfter, pg_settings = :pgSettings,
                            activity_policy = :activityPolicy, disabled = :disabled, update_time = :now
                        WHERE uid = :uid
                        """)
                .bind("uid", uid)
                .bind("minCu", settings.minCu())
                .bind("maxCu", settings.maxCu())
                .bind("suspendAfter", Columns.seconds(settings.suspendAfter()))
                .bind("pgSettings", Json.write(settings.pgSettings()))
                .bind("activityPolicy", Json.write(activityPolicy))
                .bind("disabled", disabled)
                .bind("now", timestamp(now))
                .execute();
    }

    /** The most compute units that the endpoint has or has ever had. */
    double largestCu(Handle handle, String uid) {
        return handle.select("SELECT greatest(largest_cu, max_cu) FROM control.endpoint WHERE uid = ?", uid)
                .mapTo(Double.class)
                .one();
    }

    void active(Handle handle, String uid, Instant now) {
        handle.execute("UPDATE control.endpoint SET last_active_time = ? WHERE uid = ?", timestamp(now), uid);
    }

    /**
     * Remembers that the endpoint begins to run.
     *
     * @param unsyncedBoot the boot during which it writes what may not be on the disk
     */
    void starts(Handle handle, String uid, Instant now, Optional<String> unsyncedBoot) {
        handle.execute(
                "UPDATE control.endpoint SET last_active_time = ?, unsynced_boot = ? WHERE uid = ?",
                timestamp(now),
                unsyncedBoot.orElse(null),
                uid);
    }

    /** The one has the other's data from now on, written as the other has written them, and as large as it was. */
    void takesOver(Handle handle, String uid, String before) {
        handle.execute("""
                UPDATE control.endpoint e
                SET last_active_time = o.last_active_time, unsynced_boot = o.unsynced_boot,
                    largest_cu = greatest(o.largest_cu, o.max_cu)
                FROM control.endpoint o
                WHERE e.uid = ? AND o.uid = ?
                """, uid, before);
    }

    /** The boot during which the endpoint wrote what may not be on the disk. */
    Optional<String> unsyncedBoot(Handle handle, String uid) {
        return handle.select("SELECT unsynced_boot FROM control.endpoint WHERE uid = ?", uid)
                .map((row, context) -> Columns.optionalText(row, "unsynced_boot"))
                .one();
    }

    /** An endpoint that has written what may not be on the disk, and when it last began to run or was used. */
    record Unsynced(String uid, String branchUid, Instant lastActive) {}

    /** Endpoints of which {@link #unsyncedBoot} is this boot. */
    List<Unsynced> unsynced(Handle handle, String boot) {
        return handle.select(
                        "SELECT uid, branch_uid, last_active_time FROM control.endpoint WHERE unsynced_boot = ?", boot)
                .map((row, context) -> new Unsynced(
                        row.getString("uid"), row.getString("branch_uid"), Columns.instant(row, "last_active_time")))
                .list();
    }

    /** Forgets it, unless the endpoint has run again since. */
    void synced(Handle handle, String uid, Instant lastActive) {
        handle.execute(
                "UPDATE control.endpoint SET unsynced_boot = NULL WHERE uid = ? AND last_active_time = ?",
                uid,
                timestamp(lastActive));
    }

    /** Forgets it of all endpoints of the branch that have written in this boot: those of an earlier one are damaged. */
    void allSynced(Handle handle, String branchUid, String boot) {
        handle.execute(
                "UPDATE control.endpoint SET unsynced_boot = NULL WHERE branch_uid = ? AND unsynced_boot = ?",
                branchUid,
                boot);
    }

    /** A fresh copy, which is on the disk. */
    void replicaVolume(Handle handle, String uid, VolumeName volume) {
        handle.execute(
                "UPDATE control.endpoint SET replica_volume = ?, unsynced_boot = NULL WHERE uid = ?",
                volume.value(),
                uid);
    }

    void delete(Handle handle, String uid) {
        handle.execute("DELETE FROM control.endpoint WHERE uid = ?", uid);
    }

    Optional<Endpoint> find(Handle handle, String branchUid, String endpointId) {
        return handle.select(SELECT + "WHERE e.branch_uid = ? AND e.endpoint_id = ?", branchUid, endpointId)
                .map((row, context) -> read(row))
                .findOne();
    }

    Optional<Endpoint> byUid(Handle handle, String uid) {
        return handle.select(SELECT + "WHERE e.uid = ?", uid)
                .map((row, context) -> read(row))
                .findOne();
    }

    /** The read-write endpoint, which every branch has. */
    Endpoint primary(Handle handle, String branchUid) {
        return handle.select(SELECT + "WHERE e.branch_uid = ? AND e.type = 'READ_WRITE'", branchUid)
                .map((row, context) -> read(row))
                .one();
    }

    /** All of the branch, the read-write endpoint first. */
    List<Endpoint> ofBranch(Handle handle, String branchUid) {
        return handle.select(
                        SELECT
                                + "WHERE e.branch_uid = ? ORDER BY e.type = 'READ_WRITE' DESC, e.endpoint_id COLLATE \"C\"",
                        branchUid)
                .map((row, context) -> read(row))
                .list();
    }

    /** Those that are never to be stopped for being idle. */
    List<Endpoint> alwaysOn(Handle handle) {
        return handle.select(SELECT + "WHERE e.suspend_after IS NULL AND NOT e.disabled AND b.state = 'READY' "
                        + "ORDER BY e.type = 'READ_WRITE' DESC")
                .map((row, context) -> read(row))
                .list();
    }

    /** Those of the branch, which is no mirror, that have data to run on. */
    List<Endpoint> alwaysOn(Handle handle, String branchUid) {
        return handle.select(
                        SELECT
                                + "WHERE e.branch_uid = ? AND e.suspend_after IS NULL AND NOT e.disabled AND b.state = 'READY' "
                                + "AND (e.type = 'READ_WRITE' OR e.replica_volume IS NOT NULL) "
                                + "AND b.uid NOT IN (SELECT branch_uid FROM control.mirror) "
                                + "ORDER BY e.type = 'READ_WRITE' DESC",
                        branchUid)
                .map((row, context) -> read(row))
                .list();
    }

    private Endpoint read(ResultSet row) throws SQLException {
        String uid = row.getString("uid");
        return new Endpoint(
                uid,
                row.getString("branch_uid"),
                row.getString("project_id"),
                row.getString("branch_id"),
                row.getString("endpoint_id"),
                Endpoint.Type.valueOf(row.getString("type")),
                new EndpointSettings(
                        row.getDouble("min_cu"),
                        row.getDouble("max_cu"),
                        Columns.optionalSeconds(row, "suspend_after"),
                        PgSettings.stored(Json.settings(row.getString("pg_settings")))),
                Json.read(row.getString("activity_policy"), ActivityPolicy.class),
                row.getBoolean("disabled"),
                Columns.optionalText(row, "replica_volume").map(VolumeName::new),
                engine.isRunning(uid) ? Endpoint.State.ACTIVE : Endpoint.State.IDLE,
                engine.socketDirectory(uid),
                Columns.optionalInstant(row, "last_active_time"),
                Columns.instant(row, "create_time"),
                Columns.instant(row, "update_time"));
    }
}
