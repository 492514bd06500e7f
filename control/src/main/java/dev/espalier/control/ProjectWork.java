package dev.espalier.control;

import dev.espalier.control.Operations.End;
import dev.espalier.control.request.Caller;
import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.ControlException.Code;
import dev.espalier.control.setting.ControlSettings;
import dev.espalier.engine.Engine;
import dev.espalier.postgres.Identifiers;
import dev.espalier.postgres.PostgresException;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/** Makes and removes what belongs to projects. */
final class ProjectWork {

    /** The database that every project begins with. */
    static final String FIRST_DATABASE = "databricks_postgres";

    private final Engine engine;
    private final Jdbi jdbi;
    private final Finder finder;
    private final EndpointRunner runner;
    private final BranchRemoval branches;
    private final BranchRules rules;
    private final History history;
    private final Locks locks;
    private final ControlSettings settings;
    private final Clock clock;

    ProjectWork(
            Engine engine,
            Jdbi jdbi,
            Finder finder,
            EndpointRunner runner,
            BranchRemoval branches,
            BranchRules rules,
            History history,
            Locks locks,
            ControlSettings settings,
            Clock clock) {
        this.engine = engine;
        this.jdbi = jdbi;
        this.finder = finder;
        this.runner = runner;
        this.branches = branches;
        this.rules = rules;
        this.history = history;
        this.locks = locks;
        this.settings = settings;
        this.clock = clock;
    }

    /** Fills the rows of a new project with life. */
    void make(End end, Caller caller, Project project, Branch branch, Endpoint primary) {
        end.ifItFails(handle -> ProjectTable.delete(handle, project.uid()));
        try (var _ = locks.alone(branch.uid())) {
            try {
                engine.initialise(branch.volume(), project.pgVersion());
                runner.startNew(project, branch, primary);
                prepare(project, caller, primary);
                end.with(handle -> BranchTable.made(handle, branch, clock.instant()));
            } catch (RuntimeException e) {
                throw Undo.after(e, () -> engine.stop(primary.uid()), () -> engine.delete(branch.volume()));
            }
            runner.openOrSleep(primary);
        }
        history.begin(branch.uid());
    }

    /** The roles and the database that every branch has. */
    private void prepare(Project project, Caller caller, Endpoint primary) {
        try (var session = engine.connect(primary.uid(), BranchSessions.HOME)) {
            RoleStatements.prepareCluster(session);
            RoleStatements.createMaker(session, project.pgVersion(), caller.principal());
            Optional<RoleOwner> maker = jdbi.withHandle(handle -> RoleOwner.named(handle, caller.principal()));
            if (maker.isPresent()) {
                RoleOwners.record(session, caller.principal(), maker.get());
            }
            try (var statement = session.createStatement()) {
                statement.execute(
                        "CREATE DATABASE " + FIRST_DATABASE + " OWNER " + Identifiers.quoted(caller.principal()));
            }
        } catch (SQLException e) {
            throw new PostgresException(
                    "cannot make the first roles and the first database of " + project.name() + ": " + e.getMessage(),
                    e);
        }
    }

    /**
     * Changes a project, as it is when its turn has come.
     *
     * @param newDefault the branch that becomes the default, which then writes with fsync
     */
    void change(End end, Project project, UnaryOperator<Project> change, Optional<Branch> newDefault) {
        if (newDefault.isEmpty()) {
            end.with(handle -> ProjectTable.update(handle, change.apply(live(handle, project))));
            return;
        }
        Branch branch = newDefault.get();
        List<Branch> both = branches(project).stream()
                .filter(each -> each.isDefault() || each.uid().equals(branch.uid()))
                .toList();
        try (var _ = alone(project, both)) {
            Branch current = jdbi.withHandle(handle -> finder.again(handle, branch));
            BranchRules.mayBeDefault(current);
            both.stream()
                    .filter(each -> !each.isProtected() && !each.uid().equals(branch.uid()))
                    .forEach(rules::mayStopBeingDurable);
            Runnable rows = () -> end.with(handle -> ProjectTable.update(handle, change.apply(live(handle, project))));
            if (current.isDurable()) {
                rows.run();
            } else {
                runner.makeDurable(current, rows);
            }
        }
    }

    /** Nobody else changes it until the transaction ends. */
    private static Project live(Handle handle, Project project) {
        return live(handle, project.uid(), project.projectId());
    }

    /** As the other. */
    static Project live(Handle handle, String uid, String projectId) {
        return ProjectTable.lock(handle, uid)
                .filter(now -> now.deleteTime().isEmpty())
                .orElseThrow(() -> Finder.noProject(projectId));
    }

    /** Stops all branches and marks them deleted together with their project: a kill leaves all of it or none. */
    void delete(End end, Project project) {
        try (Alone all = aloneWithAll(project)) {
            List<Branch> live = all.branches();
            refuseProtected(project, live);
            live.forEach(branch -> runner.suspendAll(branch.uid()));
            Instant now = clock.instant();
            Instant purge = now.plus(settings.undeleteWindow());
            end.with(handle -> {
                if (live.stream().anyMatch(branch -> branch.isDefault() && branch.state() == Branch.State.INIT)) {
                    // Nothing of it is made yet, and whoever makes it finds that out.
                    ProjectTable.delete(handle, project.uid());
                    return;
                }
                live.forEach(branch -> BranchTable.deleted(handle, branch.uid(), now, purge));
                ProjectTable.update(handle, deleted(live(handle, project), Optional.of(now), Optional.of(purge)));
            });
        }
    }

    /** @throws ControlException if one of the project's branches is protected */
    static void refuseProtected(Project project, List<Branch> branches) {
        List<String> kept = branches.stream()
                .filter(branch -> branch.isProtected() && branch.deleteTime().isEmpty())
                .map(Branch::branchId)
                .toList();
        if (!kept.isEmpty()) {
            throw new ControlException(
                    Code.BAD_REQUEST,
                    project.name() + " has protected branches: " + String.join(", ", kept)
                            + ". Set spec.is_protected=false on them first.",
                    "BRANCH_PROTECTED",
                    Map.of("branches", String.join(",", kept)));
        }
    }

    /** Branches that are held, each alone, as long as this is open. */
    private record Alone(List<Branch> branches, Locks.Held held) implements AutoCloseable {
        @Override
        public void close() {
            held.close();
        }
    }

    /**
     * Holds all branches of the project: those too that were made while this waited for others, and deleted ones, which could be brought
     * back. What it answers with are those that live.
     */
    private Alone aloneWithAll(Project project) {
        while (true) {
            List<Branch> wanted = branches(project);
            Locks.Held held = alone(project, wanted);
            try {
                if (uids(wanted).containsAll(uids(branches(project)))) {
                    return new Alone(live(project), held);
                }
                held.close();
            } catch (RuntimeException e) {
                held.close();
                throw e;
            }
        }
    }

    private static Set<String> uids(List<Branch> branches) {
        return branches.stream().map(Branch::uid).collect(Collectors.toSet());
    }

    /** Holds these branches of the project, each alone. */
    private Locks.Held alone(Project project, List<Branch> wanted) {
        Set<String> uids = uids(wanted);
        Deque<Locks.Held> held = new ArrayDeque<>();
        sourcesFirst(branches(project)).stream()
                .filter(branch -> uids.contains(branch.uid()))
                .forEach(branch -> held.push(locks.alone(branch.uid())));
        return () -> held.forEach(Locks.Held::close);
    }

    private List<Branch> live(Project project) {
        return branches(project).stream()
                .filter(branch -> branch.deleteTime().isEmpty())
                .toList();
    }

    /** The order in which branches are to be locked. */
    private static List<Branch> sourcesFirst(List<Branch> branches) {
        Map<String, Branch> byUid = branches.stream().collect(Collectors.toMap(Branch::uid, branch -> branch));
        return branches.stream()
                .sorted(Comparator.comparingLong(branch -> Stream.iterate(
                                Optional.of(branch),
                                Optional::isPresent,
                                b -> b.flatMap(Branch::sourceUid).map(byUid::get))
                        .count()))
                .toList();
    }

    void undelete(End end, Project project) {
        end.with(handle -> {
            Instant now = clock.instant();
            Project current = ProjectTable.lock(handle, project.uid())
                    .filter(found -> found.purgeTime().filter(now::isBefore).isPresent())
                    .orElseThrow(() -> new ControlException(
                            Code.INVALID_STATE,
                            project.name() + " is not deleted, or was for so long that it is being removed for good."));
            Optional<Instant> deleted = current.deleteTime();
            ControlDatabaseErrors.writeUnlessTaken(
                    () -> ProjectTable.update(handle, deleted(current, Optional.empty(), Optional.empty())),
                    () -> ProjectTable.alreadyExists(project.projectId()));
            BranchTable.ofProject(handle, project.uid()).stream()
                    .filter(branch -> branch.deleteTime().equals(deleted))
                    .forEach(branch -> BranchTable.undeleted(handle, branch.uid(), now));
        });
        for (Branch branch : live(project)) {
            try (var _ = locks.shared(branch.uid())) {
                runner.wakeWhatNeverSleeps(branch.uid());
            }
        }
    }

    /** Removes a project for good that was deleted, unless it has been brought back meanwhile. */
    void purgeIfDue(End end, Project project) {
        purge(
                end,
                project,
                now -> now.purgeTime()
                        .filter(due -> !due.isAfter(clock.instant()))
                        .isPresent());
    }

    /** Removes a project for good. */
    void purge(End end, Project project) {
        purge(end, project, _ -> true);
    }

    private void purge(End end, Project project, Predicate<Project> due) {
        if (!markForPurge(project, due)) {
            end.nothingToDo();
            return;
        }
        // Whoever still worked with a branch may have made another meanwhile, which is kept aside from a restore.
        for (List<Branch> left = branches(project); !left.isEmpty(); left = branches(project)) {
            // Newest first, so that none goes before what was made from it.
            left.forEach(branch -> {
                try (var _ = locks.alone(branch.uid())) {
                    jdbi.withHandle(handle -> BranchTable.byUid(handle, branch.uid()))
                            .ifPresent(branches::remove);
                    jdbi.useHandle(handle -> BranchTable.delete(handle, branch.uid()));
                }
                locks.forget(branch.uid());
            });
        }
        end.with(handle -> ProjectTable.delete(handle, project.uid()));
    }

    /** Marked first: a project whose branches are going must never look alive after a kill. */
    private boolean markForPurge(Project project, Predicate<Project> due) {
        try (Alone all = aloneWithAll(project)) {
            return jdbi.inTransaction(handle -> {
                Instant now = clock.instant();
                Optional<Project> current =
                        ProjectTable.lock(handle, project.uid()).filter(due);
                if (current.filter(found -> found.deleteTime().isEmpty()).isPresent()) {
                    refuseProtected(project, all.branches());
                }
                current.ifPresent(
                        found -> ProjectTable.update(handle, deleted(found, Optional.of(now), Optional.of(now))));
                return current.isPresent();
            });
        }
    }

    private List<Branch> branches(Project project) {
        return jdbi.withHandle(handle -> BranchTable.ofProject(handle, project.uid()));
    }

    private Project deleted(Project project, Optional<Instant> deleteTime, Optional<Instant> purgeTime) {
        return new Project(
                project.uid(),
                project.projectId(),
                project.displayName(),
                project.pgVersion(),
                project.historyRetention(),
                project.defaultBranchUid(),
                project.endpointDefaults(),
                project.nativeLogin(),
                project.budgetPolicyId(),
                project.customTags(),
                project.extensionsAllowed(),
                project.owner(),
                project.createTime(),
                clock.instant(),
                deleteTime,
                purgeTime);
    }
}
