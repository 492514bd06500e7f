package dev.espalier.api.branch;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.espalier.control.Branch;
import dev.espalier.control.Mirror;
import dev.espalier.control.request.ResourceName;
import dev.espalier.postgres.Lsn;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;

/** A branch as the API shows it. */
public record BranchResource(
        String name,
        String branchId,
        String uid,
        String parent,
        Instant createTime,
        Instant updateTime,
        Status status) {

    /** What the branch is. */
    public record Status(
            String branchId,
            Branch.State currentState,
            Optional<Branch.State> pendingState,
            Instant stateChangeTime,
            @JsonProperty("default") boolean isDefault,
            boolean isProtected,
            Optional<String> sourceBranch,
            Optional<String> sourceBranchLsn,
            Optional<Instant> sourceBranchTime,
            Optional<Instant> expireTime,
            OptionalLong logicalSizeBytes,
            Optional<Instant> deleteTime,
            Optional<Instant> purgeTime,
            Optional<String> maskedFor,
            Optional<Mirror> mirror) {}

    public static BranchResource of(Branch branch) {
        return new BranchResource(
                branch.name().toString(),
                branch.branchId(),
                branch.uid(),
                ResourceName.project(branch.projectId()).toString(),
                branch.createTime(),
                branch.updateTime(),
                new Status(
                        branch.branchId(),
                        branch.state(),
                        branch.pendingState(),
                        branch.stateChangeTime(),
                        branch.isDefault(),
                        branch.isProtected(),
                        branch.sourceBranchId()
                                .map(id -> ResourceName.branch(branch.projectId(), id)
                                        .toString()),
                        branch.sourceLsn().map(Lsn::toString),
                        branch.sourceTime(),
                        branch.expireTime(),
                        branch.logicalBytes(),
                        branch.deleteTime(),
                        branch.purgeTime(),
                        branch.maskedFor(),
                        branch.mirror()));
    }
}
