package dev.espalier.control;

import dev.espalier.control.request.ResourceName;
import dev.espalier.postgres.Lsn;
import dev.espalier.storage.VolumeName;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A copy of a project's databases that goes its own way.
 *
 * @param uid never changes, never used twice
 * @param branchId chosen by the user; unique among the project's branches that are not deleted
 * @param sourceUid the branch it was made from; empty for a root
 * @param sourceBranchId that branch's id
 * @param sourceLsn position it was made from, where one was named
 * @param sourceTime time it was made from, where one was named
 * @param pendingState state it is on its way to
 * @param isDefault whether it is its project's default branch
 * @param keepsDurable whether it keeps the state before a restore of a durable branch, which nothing could make again
 * @param expireTime when it is deleted by itself
 * @param volume its data
 * @param logicalBytes size of its databases when last measured
 * @param purgeTime when a deleted branch goes for good
 * @param maskedFor name of the principal or group for whom all its data were masked before they were written; empty where they
 *     are as they are
 * @param mirror how it follows its source, if it is a mirror
 */
public record Branch(
        String uid,
        String projectUid,
        String projectId,
        String branchId,
        Optional<String> sourceUid,
        Optional<String> sourceBranchId,
        Optional<Lsn> sourceLsn,
        Optional<Instant> sourceTime,
        State state,
        Optional<State> pendingState,
        Instant stateChangeTime,
        boolean isProtected,
        boolean isDefault,
        boolean keepsDurable,
        Optional<Instant> expireTime,
        VolumeName volume,
        OptionalLong logicalBytes,
        Instant createTime,
        Instant updateTime,
        Optional<Instant> deleteTime,
        Optional<Instant> purgeTime,
        Optional<String> maskedFor,
        Optional<Mirror> mirror) {

    /** The states of a branch's life. */
    public enum State {
        /** Being made; gone without a trace if that fails. */
        INIT,
        /** Can be used. */
        READY,
        /** Being replaced by its source, or by an earlier moment of its own. */
        RESETTING,
        /** Deleted, and can still be brought back. */
        DELETED
    }

    public ResourceName name() {
        return ResourceName.branch(projectId, branchId);
    }

    /**
     * Whether a crash of the machine may cost nothing on it; other branches can be made again from their source, a mirror only by
     * copying all of it.
     */
    public boolean isDurable() {
        return isDefault || isProtected || keepsDurable || sourceUid.isEmpty() || mirror.isPresent();
    }
}
