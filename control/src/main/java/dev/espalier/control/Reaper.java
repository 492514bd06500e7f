package dev.espalier.control;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.jdbi.v3.core.Jdbi;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Deletes branches whose time has come, and removes for good what was deleted long enough ago. Nothing else. */
final class Reaper {

    private static final Logger LOG = LoggerFactory.getLogger(Reaper.class);
    private static final Duration OPERATIONS_KEPT = Duration.ofDays(7);

    private final Jdbi jdbi;
    private final Operations operations;
    private final BranchWork branchWork;
    private final ProjectWork projectWork;
    private final Clock clock;

    Reaper(Jdbi jdbi, Operations operations, BranchWork branchWork, ProjectWork projectWork, Clock clock) {
        this.jdbi = jdbi;
        this.operations = operations;
        this.branchWork = branchWork;
        this.projectWork = projectWork;
        this.clock = clock;
    }

    void reap() {
        Instant now = clock.instant();
        for (Branch branch : jdbi.withHandle(handle -> BranchTable.expired(handle, now))) {
            // Children may have been made since its expiry was set; it goes after them.
            if (jdbi.withHandle(handle -> BranchTable.children(handle, branch.uid()))
                    .isEmpty()) {
                LOG.info("{} has expired and is deleted", branch.name());
                operations.run(
                        Caller.SYSTEM,
                        Operation.Kind.DELETE_BRANCH,
                        branch.name(),
                        branch.uid(),
                        handle -> {},
                        end -> branchWork.expire(end, branch));
            }
        }
        for (Project project : jdbi.withHandle(handle -> ProjectTable.toPurge(handle, now))) {
            operations.run(
                    Caller.SYSTEM,
                    Operation.Kind.DELETE_PROJECT,
                    project.name(),
                    project.uid(),
                    handle -> {},
                    end -> projectWork.purgeIfDue(end, project));
        }
        for (Branch branch : jdbi.withHandle(handle -> BranchTable.toPurge(handle, now))) {
            operations.run(
                    Caller.SYSTEM,
                    Operation.Kind.DELETE_BRANCH,
                    branch.name(),
                    branch.uid(),
                    handle -> {},
                    end -> branchWork.purgeIfDue(end, branch));
        }
        jdbi.useHandle(handle -> OperationTable.deleteFinishedBefore(handle, now.minus(OPERATIONS_KEPT)));
    }
}
