package dev.espalier.control;

import dev.espalier.control.request.ResourceName;
import dev.espalier.control.setting.ActivityPolicy;
import dev.espalier.control.setting.EndpointSettings;
import dev.espalier.storage.VolumeName;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;

/**
 * A PostgreSQL server on a branch, running or not.
 *
 * @param uid never changes, never used twice
 * @param disabled whether it may not run
 * @param replicaVolume a read-only endpoint's own copy of the branch
 * @param state what it does now
 * @param socketDirectory directory of its Unix socket, the same as long as the endpoint lives
 * @param lastActiveTime when it was last seen in use
 */
public record Endpoint(
        String uid,
        String branchUid,
        String projectId,
        String branchId,
        String endpointId,
        Type type,
        EndpointSettings settings,
        ActivityPolicy activityPolicy,
        boolean disabled,
        Optional<VolumeName> replicaVolume,
        State state,
        Path socketDirectory,
        Optional<Instant> lastActiveTime,
        Instant createTime,
        Instant updateTime) {

    /** The endpoint that every branch has from its beginning to its end. */
    public static final String PRIMARY = "primary";

    /** What it is for. */
    public enum Type {
        /** Takes writes; one on each branch. */
        READ_WRITE,
        /** Follows the branch's read-write endpoint. */
        READ_ONLY
    }

    /** What it does. */
    public enum State {
        /** Runs. */
        ACTIVE,
        /** Stopped; wakes when it is needed. */
        IDLE
    }

    public ResourceName name() {
        return ResourceName.below(projectId, branchId, "endpoints", endpointId);
    }
}
