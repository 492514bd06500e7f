package dev.espalier.control;

import dev.espalier.control.Operations.End;
import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.ControlException.Code;
import dev.espalier.control.setting.ControlSettings;
import dev.espalier.engine.Engine;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Jdbi;

/** Deletes branches, brings them back, and removes them for good, with their volumes and servers. */
final class BranchRemoval {

    private final Engine engine;
    private final Jdbi jdbi;
    private final Finder finder;
    private final EndpointTable endpoints;
    private final EndpointRunner runner;
    private final History history;
    private final Locks locks;
    private final ControlSettings settings;
    private final BranchRules rules;
    private final Clock clock;
    private final ChangeCount changes;

    BranchRemoval(
            Engine engine,
            Jdbi jdbi,
            Finder finder,
            EndpointTable endpoints,
            EndpointRunner runner,
            History history,
            Locks locks,
            ControlSettings settings,
            BranchRules rules,
            Clock clock,
            ChangeCount changes) {
        this.engine = engine;
        this.jdbi = jdbi;
        this.finder = finder;
        this.endpoints = endpoints;
        this.runner = runner;
        this.history = history;
        this.locks = locks;
        this.settings = settings;
        this.rules = rules;
        this.clock = clock;
        this.changes = changes;
    }

    /** Stops the branch and marks it deleted. */
    void delete(End end, Branch branch) {
        try (var _ = locks.alone(branch.uid())) {
            rules.mayBeDeleted(jdbi.withHandle(handle -> finder.again(handle, branch)));
            runner.suspendAll(branch.uid());
            Instant now = clock.instant();
            end.with(handle -> BranchTable.deleted(handle, branch.uid(), now, now.plus(settings.undeleteWindow())));
        }
    }

    /** Removes the branch for good. */
    void purge(End end, Branch branch) {
        try (var _ = locks.alone(branch.uid())) {
            Branch current = stillThere(branch);
            rules.mayBeDeleted(current);
            purgeHeld(end, current);
        }
        locks.forget(branch.uid());
    }

    /** Removes a branch for good that was deleted, unless it has been brought back or removed meanwhile. */
    void purgeIfDue(End end, Branch branch) {
        try (var _ = locks.alone(branch.uid())) {
            Optional<Branch> current = jdbi.withHandle(handle -> BranchTable.byUid(handle, branch.uid()));
            if (current.flatMap(Branch::purgeTime)
                            .filter(due -> !due.isAfter(clock.instant()))
                            .isEmpty()
                    || hasChildren(branch)) {
                end.nothingToDo();
                return;
            }
            purgeHeld(end, current.get());
        }
        locks.forget(branch.uid());
    }

    private boolean hasChildren(Branch branch) {
        return !jdbi.withHandle(handle -> BranchTable.children(handle, branch.uid()))
                .isEmpty();
    }

    /**
     * What was made from it has no source from then on, counts as durable, and must be written out by then, also where it is deleted:
     * it can be brought back.
     */
    private void purgeHeld(End end, Branch branch) {
        Deque<Locks.Held> held = new ArrayDeque<>();
        try {
            List<Branch> children = jdbi.withHandle(handle -> BranchTable.madeFrom(handle, branch.uid()));
            children.forEach(child -> held.push(locks.alone(child.uid())));
            // One of them may have been brought back before it was held.
            rules.refuseWithChildren(branch, "be deleted");
            Instant now = clock.instant();
            for (Branch child : children) {
                jdbi.withHandle(handle -> BranchTable.byUid(handle, child.uid()))
                        .filter(found -> found.purgeTime().filter(now::isBefore).isPresent() && !found.isDurable())
                        .ifPresent(runner::makeDurable);
            }
            remove(branch);
            end.with(handle -> BranchTable.delete(handle, branch.uid()));
        } finally {
            held.forEach(Locks.Held::close);
        }
    }

    /** Marks a branch deleted whose time has come, unless it has been given more meanwhile. */
    void expire(End end, Branch branch) {
        try (var _ = locks.alone(branch.uid())) {
            Branch current = stillThere(branch);
            if (current.deleteTime().isPresent()
                    || current.expireTime()
                            .filter(due -> !due.isAfter(clock.instant()))
                            .isEmpty()) {
                end.nothingToDo();
                return;
            }
            rules.mayBeDeleted(current);
            runner.suspendAll(branch.uid());
            Instant now = clock.instant();
            end.with(handle -> BranchTable.deleted(handle, branch.uid(), now, now.plus(settings.undeleteWindow())));
        }
    }

    /** Brings a deleted branch back. */
    void undelete(End end, Branch branch) {
        try (var _ = locks.alone(branch.uid())) {
            Branch current = stillThere(branch);
            if (current.purgeTime().filter(clock.instant()::isBefore).isEmpty()) {
                throw new ControlException(
                        Code.INVALID_STATE,
                        branch.name()
                                + " is not deleted, or was for so long that it is being removed for good, which waits"
                                + " for branches that were made from it and live.");
            }
            end.with(handle -> {
                // Its project may have been deleted since somebody asked for this.
                var _ = ProjectWork.live(handle, branch.projectUid(), branch.projectId());
                BranchTable.undeletedUnlessTaken(handle, branch, clock.instant());
            });
            runner.wakeWhatNeverSleeps(branch.uid());
        }
    }

    private Branch stillThere(Branch branch) {
        return jdbi.withHandle(handle -> BranchTable.byUid(handle, branch.uid()))
                .orElseThrow(() -> Finder.noBranch(branch.projectId(), branch.branchId()));
    }

    /** Removes everything of the branch, as it is now, but its row. The caller holds it alone. */
    void remove(Branch branch) {
        // Marked first: a branch whose volume is gone must never look alive after a kill.
        Instant now = clock.instant();
        changes.keep(jdbi.inTransaction(handle -> {
            BranchTable.deleted(handle, branch.uid(), now, now);
            return ChangeCount.next(handle);
        }));
        runner.suspendAll(branch.uid());
        for (Endpoint endpoint : jdbi.withHandle(handle -> endpoints.ofBranch(handle, branch.uid()))) {
            endpoint.replicaVolume().ifPresent(engine::delete);
        }
        history.end(branch.volume());
        engine.delete(branch.volume());
        jdbi.withHandle(handle -> endpoints.ofBranch(handle, branch.uid()))
                .forEach(endpoint -> engine.deleteLog(endpoint.uid()));
    }
}
