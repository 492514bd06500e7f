package dev.espalier.control;

import static dev.espalier.control.Columns.timestamp;

import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.ControlException.Code;
import dev.espalier.postgres.Lsn;
import dev.espalier.storage.VolumeName;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jdbi.v3.core.Handle;

/** Rows of {@code control.branch}. */
final class BranchTable {

    private static final String SELECT = """
            SELECT b.*, p.project_id, s.branch_id AS source_branch_id,
                   p.default_branch_uid IS NOT DISTINCT FROM b.uid AS is_default,
                   m.state AS mirror_state, m.reason AS mirror_reason, m.lag_bytes AS mirror_lag_bytes
            FROM control.branch b
            JOIN control.project p ON p.uid = b.project_uid
            LEFT JOIN control.branch s ON s.uid = b.source_uid
            LEFT JOIN control.mirror m ON m.branch_uid = b.uid
            """;

    private BranchTable() {}

    /** @throws ControlException if the project has a branch of this id */
    static void insertUnlessTaken(Handle handle, Branch branch) {
        if (live(handle, branch.projectUid(), branch.branchId()).isPresent()) {
            throw alreadyExists(branch);
        }
        ControlDatabaseErrors.writeUnlessTaken(() -> insert(handle, branch), () -> alreadyExists(branch));
    }

    static ControlException alreadyExists(Branch branch) {
        return new ControlException(
                Code.ALREADY_EXISTS, branch.name() + " already exists. Choose another branch_id, or delete it first.");
    }

    static void insert(Handle handle, Branch branch) {
        handle.createUpdate("""
                        INSERT INTO control.branch (
                            uid, project_uid, branch_id, source_uid, source_lsn, source_time, state, state_change_time,
                            is_protected, keeps_durable, expire_time, volume, masked_for, logical_bytes, create_time, update_time)
                        VALUES (
                            :uid, :projectUid, :branchId, :sourceUid, :sourceLsn, :sourceTime, :state, :createTime,
                            :isProtected, :keepsDurable, :expireTime, :volume, :maskedFor,
                            (SELECT logical_bytes FROM control.branch WHERE uid = :sourceUid), :createTime, :createTime)
                        """)
                .bind("uid", branch.uid())
                .bind("projectUid", branch.projectUid())
                .bind("branchId", branch.branchId())
                .bind("sourceUid", branch.sourceUid().orElse(null))
                .bind("sourceLsn", branch.sourceLsn().map(Lsn::toString).orElse(null))
                .bind("sourceTime", timestamp(branch.sourceTime()))
                .bind("state", branch.state().name())
                .bind("isProtected", branch.isProtected())
                .bind("keepsDurable", branch.keepsDurable())
                .bind("expireTime", timestamp(branch.expireTime()))
                .bind("volume", branch.volume().value())
                .bind("maskedFor", branch.maskedFor().orElse(null))
                .bind("createTime", timestamp(branch.createTime()))
                .execute();
        branch.mirror().ifPresent(mirror -> MirrorTable.insert(handle, branch.uid(), mirror));
    }

    /** Remembers who made the branch. */
    static void createdBy(Handle handle, String uid, String principal) {
        handle.execute("UPDATE control.branch SET created_by = ? WHERE uid = ?", principal, uid);
    }

    /** The one was made, for who may change it, by whoever has made the other. */
    static void madeAs(Handle handle, String uid, String other) {
        handle.execute(
                "UPDATE control.branch b SET created_by = o.created_by FROM control.branch o WHERE b.uid = ? AND o.uid = ?",
                uid,
                other);
    }

    /** The branches that a principal has made are nobody's from now on, whoever gets his name. */
    static void madeByNobody(Handle handle, String principal) {
        handle.execute("UPDATE control.branch SET created_by = NULL WHERE created_by = ?", principal);
    }

    /** The group that branches are masked for is called otherwise: they are so for it by its new name. */
    static void maskedForRenamed(Handle handle, String group, String name) {
        handle.execute("UPDATE control.branch SET masked_for = ? WHERE masked_for = ?", name, group);
    }

    /** Whether the branch of this id, the live one or else the one deleted last, was made by anybody else. */
    static boolean isAnothers(Handle handle, String projectUid, String branchId, String principal) {
        return handle.select("""
                        SELECT created_by IS DISTINCT FROM ? FROM control.branch
                        WHERE project_uid = ? AND branch_id = ?
                        ORDER BY delete_time DESC NULLS FIRST
                        LIMIT 1
                        """, principal, projectUid, branchId)
                .mapTo(Boolean.class)
                .findFirst()
                .orElse(false);
    }

    static void state(Handle handle, String uid, Branch.State state, Instant now) {
        handle.execute(
                "UPDATE control.branch SET state = ?, pending_state = NULL, state_change_time = ? WHERE uid = ?",
                state.name(),
                timestamp(now),
                uid);
    }

    /**
     * The branch is made.
     *
     * @throws ControlException if it was deleted meanwhile: what was made must go again
     */
    static void made(Handle handle, Branch branch, Instant now) {
        int rows = handle.execute(
                "UPDATE control.branch SET state = 'READY', pending_state = NULL, state_change_time = ? "
                        + "WHERE uid = ? AND state = 'INIT'",
                timestamp(now),
                branch.uid());
        if (rows == 0) {
            throw new ControlException(
                    Code.NOT_FOUND, branch.name() + " was deleted while it was being made. Ask again to make it.");
        }
    }

    static void pending(Handle handle, String uid, Branch.State pending) {
        handle.execute("UPDATE control.branch SET pending_state = ? WHERE uid = ?", pending.name(), uid);
    }

    static void settled(Handle handle, String uid) {
        handle.execute("UPDATE control.branch SET pending_state = NULL WHERE uid = ?", uid);
    }

    static void change(Handle handle, String uid, boolean isProtected, Optional<Instant> expireTime, Instant now) {
        handle.execute(
                "UPDATE control.branch SET is_protected = ?, expire_time = ?, update_time = ? WHERE uid = ?",
                isProtected,
                timestamp(expireTime),
                timestamp(now),
                uid);
    }

    /** Gives the branch another volume. */
    static void volume(Handle handle, String uid, VolumeName volume, Instant now) {
        handle.execute(
                "UPDATE control.branch SET volume = ?, update_time = ? WHERE uid = ?",
                volume.value(),
                timestamp(now),
                uid);
    }

    /** Takes note that the branch is now its source as it was then, or, where no time is given, as it is. */
    static void source(Handle handle, String uid, Optional<Instant> sourceTime) {
        handle.execute(
                "UPDATE control.branch SET source_time = ?, source_lsn = NULL WHERE uid = ?",
                timestamp(sourceTime),
                uid);
    }

    /** Ids of the project's branches, by name. */
    static List<String> ids(Handle handle, String projectUid, int limit) {
        return handle.select("""
                        SELECT branch_id FROM control.branch
                        WHERE project_uid = ? AND delete_time IS NULL
                        ORDER BY branch_id
                        LIMIT ?
                        """, projectUid, limit).mapTo(String.class).list();
    }

    /**
     * Whether what the branch's data reach out to must be taken from them before anyone signs in.
     *
     * @param at position of its log to which it is taken back; empty where it stays at the end
     */
    static boolean mustDetach(Handle handle, String uid, Optional<Lsn> at) {
        return handle.select("""
                        SELECT detach_at_next_start OR coalesce(?::pg_lsn < detached_lsn::pg_lsn, false)
                        FROM control.branch WHERE uid = ?
                        """, at.map(Lsn::toString).orElse(null), uid)
                .mapTo(Boolean.class)
                .one();
    }

    static void detachAtNextStart(Handle handle, String uid) {
        handle.execute("UPDATE control.branch SET detach_at_next_start = true WHERE uid = ?", uid);
    }

    /** It is done: at this position of the branch's log, before which its data hold what is another's. */
    static void detached(Handle handle, String uid, Lsn lsn) {
        handle.execute(
                "UPDATE control.branch SET detach_at_next_start = false, detached_lsn = ? WHERE uid = ?",
                lsn.toString(),
                uid);
    }

    /** The branch has a fresh volume, on which nothing has ever been another's. */
    static void neverDetached(Handle handle, String uid) {
        handle.execute(
                "UPDATE control.branch SET detach_at_next_start = false, detached_lsn = NULL WHERE uid = ?", uid);
    }

    static void logicalBytes(Handle handle, String uid, long bytes) {
        handle.execute("UPDATE control.branch SET logical_bytes = ? WHERE uid = ?", bytes, uid);
    }

    /** One that is not made yet goes for good: brought back, it would have no volume. Of a mirror its source keeps nothing meanwhile. */
    static void deleted(Handle handle, String uid, Instant now, Instant purge) {
        if (handle.execute("DELETE FROM control.branch WHERE uid = ? AND state = 'INIT'", uid) > 0) {
            return;
        }
        handle.execute(
                "UPDATE control.branch SET state = 'DELETED', pending_state = NULL, state_change_time = ?, delete_time = ?, "
                        + "purge_time = ? WHERE uid = ?",
                timestamp(now),
                timestamp(now),
                timestamp(purge),
                uid);
        MirrorTable.change(handle, uid, Mirror.outOfDate("it was deleted"));
    }

    /**
     * As the other, for one whose id may be another's by now.
     *
     * @throws ControlException if it is
     */
    static void undeletedUnlessTaken(Handle handle, Branch branch, Instant now) {
        ControlDatabaseErrors.writeUnlessTaken(() -> undeleted(handle, branch.uid(), now), () -> exists(branch));
    }

    /** Why a deleted branch cannot be brought back. */
    static ControlException exists(Branch live) {
        return new ControlException(
                Code.ALREADY_EXISTS, live.name() + " exists. Delete it before an older one of its id is brought back.");
    }

    /** One that has expired meanwhile gets as much time again as it had at first, and no more than can be asked for. */
    static void undeleted(Handle handle, String uid, Instant now) {
        handle.createUpdate("""
                        UPDATE control.branch
                        SET state = 'READY', pending_state = NULL, state_change_time = :now, delete_time = NULL,
                            purge_time = NULL,
                            expire_time = CASE WHEN expire_time <= :now THEN :now + least(expire_time - create_time, interval '30 days')
                                               ELSE expire_time END
                        WHERE uid = :uid
                        """).bind("now", timestamp(now)).bind("uid", uid).execute();
    }

    static void delete(Handle handle, String uid) {
        handle.execute("DELETE FROM control.branch WHERE uid = ?", uid);
    }

    /**
     * Makes the children of one branch the children of another. A mirror goes on following the branch; and what is not yet made will
     * be made from what the branch is by then.
     */
    static void moveChildren(Handle handle, String from, String to) {
        handle.execute(
                "UPDATE control.branch SET source_uid = ? WHERE source_uid = ? AND uid <> ? AND state <> 'INIT' "
                        + "AND uid NOT IN (SELECT branch_uid FROM control.mirror)",
                to,
                from,
                to);
    }

    static Optional<Branch> live(Handle handle, String projectUid, String branchId) {
        return one(
                handle, "WHERE b.project_uid = ? AND b.branch_id = ? AND b.delete_time IS NULL", projectUid, branchId);
    }

    static Optional<Branch> newestDeleted(Handle handle, String projectUid, String branchId) {
        return one(
                handle,
                "WHERE b.project_uid = ? AND b.branch_id = ? AND b.delete_time IS NOT NULL "
                        + "ORDER BY b.delete_time DESC LIMIT 1",
                projectUid,
                branchId);
    }

    static Optional<Branch> byUid(Handle handle, String uid) {
        return one(handle, "WHERE b.uid = ?", uid);
    }

    static List<Branch> page(
            Handle handle, String projectUid, Instant after, String afterUid, int limit, boolean withDeleted) {
        return many(
                handle,
                "WHERE b.project_uid = ? AND (b.create_time, b.uid) > (?, ?) AND (? OR b.delete_time IS NULL) "
                        + "ORDER BY b.create_time, b.uid LIMIT ?",
                projectUid,
                timestamp(after),
                afterUid,
                withDeleted,
                limit);
    }

    static List<Branch> ofProject(Handle handle, String projectUid) {
        return many(handle, "WHERE b.project_uid = ? ORDER BY b.create_time DESC", projectUid);
    }

    static List<Branch> children(Handle handle, String uid) {
        return many(handle, "WHERE b.source_uid = ? AND b.delete_time IS NULL ORDER BY b.branch_id", uid);
    }

    /** Deleted ones included. */
    static List<Branch> madeFrom(Handle handle, String uid) {
        return many(handle, "WHERE b.source_uid = ? ORDER BY b.create_time DESC", uid);
    }

    static List<Branch> expired(Handle handle, Instant now) {
        return many(handle, "WHERE b.expire_time <= ? AND b.delete_time IS NULL AND b.state = 'READY'", timestamp(now));
    }

    /** Those whose time has come, and from which nothing was made that lives: that would not be disposable any more. */
    static List<Branch> toPurge(Handle handle, Instant now) {
        return many(
                handle,
                "WHERE b.purge_time <= ? AND NOT EXISTS "
                        + "(SELECT FROM control.branch c WHERE c.source_uid = b.uid AND c.delete_time IS NULL)",
                timestamp(now));
    }

    static List<Branch> mirrors(Handle handle) {
        return many(handle, "WHERE m.state IS NOT NULL AND b.state = 'READY'");
    }

    static List<Branch> inState(Handle handle, Branch.State state) {
        return many(handle, "WHERE b.state = ?", state.name());
    }

    /** The branches that have more than the one snapshot that every branch keeps. */
    static List<Branch> withSeveralSnapshots(Handle handle) {
        return many(
                handle,
                "WHERE b.state = 'READY' AND b.volume IN "
                        + "(SELECT of_volume FROM control.snapshot GROUP BY of_volume HAVING count(*) > 1)");
    }

    /** Those whose history has not begun, and with which nothing is being done. */
    static List<Branch> withoutSnapshots(Handle handle) {
        return many(
                handle,
                "WHERE b.state = 'READY' AND b.pending_state IS NULL AND NOT EXISTS "
                        + "(SELECT FROM control.snapshot s WHERE s.of_volume = b.volume)");
    }

    private static Optional<Branch> one(Handle handle, String condition, Object... arguments) {
        return handle.select(SELECT + condition, arguments)
                .map((row, context) -> read(row))
                .findOne();
    }

    private static List<Branch> many(Handle handle, String condition, Object... arguments) {
        return handle.select(SELECT + condition, arguments)
                .map((row, context) -> read(row))
                .list();
    }

    private static Branch read(ResultSet row) throws SQLException {
        long logicalBytes = row.getLong("logical_bytes");
        OptionalLong logical = row.wasNull() ? OptionalLong.empty() : OptionalLong.of(logicalBytes);
        return new Branch(
                row.getString("uid"),
                row.getString("project_uid"),
                row.getString("project_id"),
                row.getString("branch_id"),
                Columns.optionalText(row, "source_uid"),
                Columns.optionalText(row, "source_branch_id"),
                Columns.optionalText(row, "source_lsn").map(Lsn::parse),
                Columns.optionalInstant(row, "source_time"),
                Branch.State.valueOf(row.getString("state")),
                Columns.optionalText(row, "pending_state").map(Branch.State::valueOf),
                Columns.instant(row, "state_change_time"),
                row.getBoolean("is_protected"),
                row.getBoolean("is_default"),
                row.getBoolean("keeps_durable"),
                Columns.optionalInstant(row, "expire_time"),
                new VolumeName(row.getString("volume")),
                logical,
                Columns.instant(row, "create_time"),
                Columns.instant(row, "update_time"),
                Columns.optionalInstant(row, "delete_time"),
                Columns.optionalInstant(row, "purge_time"),
                Columns.optionalText(row, "masked_for"),
                MirrorTable.read(row));
    }
}
