package dev.espalier.control;

import dev.espalier.control.request.Caller;
import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.ControlException.Code;
import dev.espalier.control.request.ResourceName;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Jdbi;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes changes inside clusters, each as an operation, and finishes those that a kill has interrupted. No change of a branch is
 * made, nor begun with a look at it, before those of it that were interrupted are finished: what is asked for later holds.
 */
final class ClusterChanges {

    private static final Logger LOG = LoggerFactory.getLogger(ClusterChanges.class);

    /** How long a caller is kept waiting for what was interrupted. */
    private static final Duration FINISHED_WITHIN = Duration.ofSeconds(10);

    private final Jdbi jdbi;
    private final Finder finder;
    private final Operations operations;
    private final BranchSessions sessions;

    /** The end of what was interrupted, by branch. */
    private final Map<String, Future<?>> interrupted = new ConcurrentHashMap<>();

    /** Each changes what the one before it has left. */
    private final OneAtATime<ResourceName> turns = new OneAtATime<>();

    ClusterChanges(Jdbi jdbi, Finder finder, Operations operations, BranchSessions sessions) {
        this.jdbi = jdbi;
        this.finder = finder;
        this.operations = operations;
        this.sessions = sessions;
    }

    /**
     * A branch whose cluster is to be changed.
     *
     * @throws ControlException if what was interrupted there is not yet finished
     */
    Branch branch(String projectId, String branchId) {
        Branch branch = jdbi.withHandle(handle -> finder.readyBranch(handle, projectId, branchId));
        Future<?> earlier = interrupted.get(branch.uid());
        if (earlier != null) {
            awaitEnd(branch, earlier);
        }
        return branch;
    }

    private static void awaitEnd(Branch branch, Future<?> earlier) {
        try {
            earlier.get(FINISHED_WITHIN.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new ControlException(
                    Code.TEMPORARILY_UNAVAILABLE,
                    "changes of roles and databases of " + branch.name()
                            + " were interrupted when Espalier was stopped, and are being finished. Try again.",
                    e);
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ControlException(Code.ABORTED, "Espalier is being stopped. Ask again.", e);
        }
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
                end -> turns.run(resource, () -> {
                    make(branch, change, false, end);
                    return resource;
                }));
    }

    /**
     * Finishes what was interrupted, of each branch one after the other and beside the caller. Branches that sleep are woken for
     * it. To be called before anybody else can ask for a change.
     */
    void finishInterrupted() {
        jdbi.withHandle(OperationTable::interrupted).stream()
                .collect(
                        Collectors.groupingBy(operation -> operation.operation().resourceUid()))
                .forEach((branchUid, all) -> interrupted.put(branchUid, operations.goOn(resumed(branchUid, all))));
    }

    private List<Operations.Resumed> resumed(String branchUid, List<OperationTable.Interrupted> all) {
        return all.stream()
                .map(operation -> new Operations.Resumed(operation.operation(), end -> {
                    LOG.info(
                            "{} was interrupted and is finished",
                            operation.operation().name());
                    Branch branch = jdbi.withHandle(handle -> finder.ready(handle, branchUid));
                    ClusterChange change =
                            ClusterChange.parse(operation.operation().kind(), operation.request());
                    make(branch, change, true, end);
                }))
                .toList();
    }

    private void make(Branch branch, ClusterChange change, boolean again, Operations.End end) {
        change.make(branch, sessions, again);
        sessions.reached("cluster.made");
        end.with(handle -> change.changeRows(handle, branch));
    }
}
