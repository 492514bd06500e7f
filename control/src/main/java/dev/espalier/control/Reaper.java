package dev.espalier.control;

import dev.espalier.control.request.Caller;
import dev.espalier.control.request.ResourceName;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.jdbi.v3.core.Jdbi;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes branches whose time has come, and removes for good what was deleted long enough ago, while the clock can be believed.
 * Nothing else.
 */
final class Reaper {

    private static final Logger LOG = LoggerFactory.getLogger(Reaper.class);
    private static final Duration OPERATIONS_KEPT = Duration.ofDays(7);
    private static final Duration BETWEEN_ATTEMPTS = Duration.ofMinutes(1);

    private final Jdbi jdbi;
    private final Operations operations;
    private final BranchRemoval branches;
    private final ProjectWork projectWork;
    private final Clock clock;
    private final ClockGuard guard;

    Reaper(
            Jdbi jdbi,
            Operations operations,
            BranchRemoval branches,
            ProjectWork projectWork,
            Clock clock,
            ClockGuard guard) {
        this.jdbi = jdbi;
        this.operations = operations;
        this.branches = branches;
        this.projectWork = projectWork;
        this.clock = clock;
        this.guard = guard;
    }

    void reap() {
        Instant now = clock.instant();
        for (Branch branch : jdbi.withHandle(handle -> BranchTable.expired(handle, now))) {
            // Children may have been made since its expiry was set; it goes after them.
            if (jdbi.withHandle(handle -> BranchTable.children(handle, branch.uid()))
                    .isEmpty()) {
                delete(branch.name(), branch.uid(), Operation.Kind.DELETE_BRANCH, end -> branches.expire(end, branch));
            }
        }
        if (guard.believes()) {
            removeForGood(now);
        }
    }

    private void removeForGood(Instant now) {
        for (Project project : jdbi.withHandle(handle -> ProjectTable.toPurge(handle, now))) {
            delete(
                    project.name(),
                    project.uid(),
                    Operation.Kind.DELETE_PROJECT,
                    end -> projectWork.purgeIfDue(end, project));
        }
        for (Branch branch : jdbi.withHandle(handle -> BranchTable.toPurge(handle, now))) {
            delete(branch.name(), branch.uid(), Operation.Kind.DELETE_BRANCH, end -> branches.purgeIfDue(end, branch));
        }
        jdbi.useHandle(handle -> OperationTable.deleteFinishedBefore(handle, now.minus(OPERATIONS_KEPT)));
    }

    /** Not while whoever holds it keeps an earlier attempt waiting, nor at once after one that has failed. */
    private void delete(ResourceName name, String uid, Operation.Kind kind, Operations.Work work) {
        Instant since = clock.instant().minus(BETWEEN_ATTEMPTS);
        if (jdbi.withHandle(handle -> OperationTable.isTried(handle, uid, kind, Caller.SYSTEM, since))) {
            return;
        }
        LOG.info("the time of {} has come, and it is deleted", name);
        operations.run(Caller.SYSTEM, kind, name, uid, handle -> {}, work);
    }
}
