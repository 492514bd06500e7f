package dev.espalier.control;

import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Jdbi;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes changes inside clusters, each as an operation, and finishes those that a kill has interrupted. */
final class ClusterChanges {

    private static final Logger LOG = LoggerFactory.getLogger(ClusterChanges.class);

    private final Jdbi jdbi;
    private final Finder finder;
    private final Operations operations;
    private final BranchSessions sessions;

    ClusterChanges(Jdbi jdbi, Finder finder, Operations operations, BranchSessions sessions) {
        this.jdbi = jdbi;
        this.finder = finder;
        this.operations = operations;
        this.sessions = sessions;
    }

    /** Makes the change to the resource, which is on the branch. */
    Operation run(Caller caller, ResourceName resource, Branch branch, ClusterChange change) {
        return operations.run(
                caller,
                change.kind(),
                resource,
                branch.uid(),
                Optional.of(Json.write(change)),
                handle -> {},
                end -> make(branch, change, false, end));
    }

    /** Finishes, one after the other and beside the caller, what was interrupted. Branches that sleep are woken for it. */
    void finishInterrupted() {
        List<OperationTable.Interrupted> interrupted = jdbi.withHandle(OperationTable::interrupted);
        operations.goOn(interrupted.stream()
                .map(operation -> new Operations.Resumed(operation.operation(), end -> {
                    LOG.info(
                            "{} was interrupted and is finished",
                            operation.operation().name());
                    Branch branch = jdbi.withHandle(
                            handle -> finder.ready(handle, operation.operation().resourceUid()));
                    ClusterChange change =
                            ClusterChange.parse(operation.operation().kind(), operation.request());
                    make(branch, change, true, end);
                }))
                .toList());
    }

    private void make(Branch branch, ClusterChange change, boolean again, Operations.End end) {
        change.make(branch, sessions, again);
        sessions.reached("cluster.made");
        end.with(handle -> change.changeRows(handle, branch));
    }
}
