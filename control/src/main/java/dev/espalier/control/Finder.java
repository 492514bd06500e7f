package dev.espalier.control;

import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.ControlException.Code;
import org.jdbi.v3.core.Handle;

/** Finds what a name in a request means, or says that there is no such thing. */
final class Finder {

    private final EndpointTable endpoints;

    Finder(EndpointTable endpoints) {
        this.endpoints = endpoints;
    }

    Project project(Handle handle, String projectId) {
        return ProjectTable.live(handle, projectId).orElseThrow(() -> noProject(projectId));
    }

    Branch branch(Handle handle, String projectId, String branchId) {
        return BranchTable.live(handle, project(handle, projectId).uid(), branchId)
                .orElseThrow(() -> noBranch(projectId, branchId));
    }

    /** A branch that can be used now. */
    Branch readyBranch(Handle handle, String projectId, String branchId) {
        return ready(branch(handle, projectId, branchId));
    }

    Endpoint endpoint(Handle handle, String projectId, String branchId, String endpointId) {
        Branch branch = branch(handle, projectId, branchId);
        return endpoints
                .find(handle, branch.uid(), endpointId)
                .orElseThrow(() -> new ControlException(
                        Code.NOT_FOUND,
                        "there is no endpoint " + endpointId + " on " + branch.name()
                                + ". espalier endpoints list shows those there are."));
    }

    /** The branch as it is now, which may have changed since it was named. */
    Branch again(Handle handle, Branch branch) {
        return ready(BranchTable.byUid(handle, branch.uid())
                .orElseThrow(() -> noBranch(branch.projectId(), branch.branchId())));
    }

    /** The branch of this uid, which is there and ready. */
    Branch ready(Handle handle, String uid) {
        return ready(BranchTable.byUid(handle, uid)
                .orElseThrow(() -> new ControlException(
                        Code.NOT_FOUND, "the branch is gone. espalier branches list shows those there are.")));
    }

    private static Branch ready(Branch branch) {
        if (branch.state() != Branch.State.READY) {
            throw new ControlException(
                    Code.INVALID_STATE,
                    branch.name() + " is " + branch.state() + ", and must be READY. "
                            + (branch.state() == Branch.State.DELETED
                                    ? "Undelete it first."
                                    : "Try again when it is."));
        }
        return branch;
    }

    static ControlException noProject(String projectId) {
        return new ControlException(
                Code.NOT_FOUND, "there is no project " + projectId + ". GET /api/2.0/postgres/projects lists them.");
    }

    static ControlException noBranch(String projectId, String branchId) {
        return new ControlException(
                Code.NOT_FOUND,
                "there is no branch " + branchId + " in project " + projectId
                        + ". espalier branches list shows those there are.");
    }
}
