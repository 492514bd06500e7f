package dev.espalier.control;

import dev.espalier.control.request.ResourceName;
import java.time.Instant;
import java.util.Optional;

/**
 * A port that leads to one branch only.
 *
 * @param fault why nobody listens there now; empty while somebody does
 */
public record BranchPort(int port, String projectId, String branchId, Optional<String> fault, Instant createTime) {

    /** Its name in the API. */
    public String name() {
        return branchName() + "/ports/" + port;
    }

    /** The name of its branch. */
    public String branchName() {
        return ResourceName.branch(projectId, branchId).toString();
    }
}
