package dev.espalier.control;

import dev.espalier.control.Operation.Kind;
import dev.espalier.control.request.Caller;
import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.ControlException.Code;
import dev.espalier.control.request.Page;
import dev.espalier.control.request.PageTokens;
import dev.espalier.control.request.ResourceName;
import dev.espalier.control.setting.EndpointSettings;
import dev.espalier.control.setting.PgSettings;
import dev.espalier.engine.Engine;
import dev.espalier.identity.Principal;
import dev.espalier.postgres.Installations;
import dev.espalier.postgres.PostgresException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.UnaryOperator;
import org.jdbi.v3.core.Jdbi;

/** What can be asked of projects. */
public final class Projects {

    /** The first branch of every project. */
    public static final String FIRST_BRANCH = "production";

    private static final Duration SHORTEST_HISTORY = Duration.ofDays(2);
    private static final Duration DEFAULT_HISTORY = Duration.ofDays(7);
    private static final Duration LONGEST_HISTORY = Duration.ofDays(35);
    private static final int LONGEST_NAME = 256;

    private final Engine engine;
    private final Jdbi jdbi;
    private final Finder finder;
    private final EndpointTable endpoints;
    private final Operations operations;
    private final ProjectWork work;
    private final Installations installations;
    private final Uids uids;
    private final Clock clock;

    Projects(
            Engine engine,
            Jdbi jdbi,
            Finder finder,
            EndpointTable endpoints,
            Operations operations,
            ProjectWork work,
            Installations installations,
            Uids uids,
            Clock clock) {
        this.engine = engine;
        this.jdbi = jdbi;
        this.finder = finder;
        this.endpoints = endpoints;
        this.operations = operations;
        this.work = work;
        this.installations = installations;
        this.uids = uids;
        this.clock = clock;
    }

    /** The live project of this id, or else the one deleted last. */
    public Project get(String projectId) {
        return jdbi.withHandle(handle -> ProjectTable.live(handle, projectId)
                .or(() -> ProjectTable.newestDeleted(handle, projectId))
                .orElseThrow(() -> Finder.noProject(projectId)));
    }

    /** The project, whatever has become of its id; empty when it is gone for good. */
    public Optional<Project> getByUid(String uid) {
        return jdbi.withHandle(handle -> ProjectTable.byUid(handle, uid));
    }

    /** The projects that the principal may use, in the order in which they were made. */
    public Page<Project> list(Principal principal, int pageSize, Optional<String> pageToken, boolean showDeleted) {
        int size = PageTokens.size(pageSize);
        PageTokens.After after = PageTokens.read(pageToken);
        List<Project> found = jdbi.withHandle(handle -> ProjectTable.page(
                handle,
                principal.administrator() ? Optional.empty() : Optional.of(principal.names()),
                after.time(),
                after.uid(),
                size + 1,
                showDeleted));
        return PageTokens.page(found, size, project -> new PageTokens.After(project.createTime(), project.uid()));
    }

    /** Makes a project with its first branch, its endpoint, and an empty database. */
    public Operation create(Caller caller, String projectId, NewProject wanted) {
        ResourceName.checkId("project", projectId);
        if (jdbi.withHandle(handle -> ProjectTable.live(handle, projectId)).isPresent()) {
            throw ProjectTable.alreadyExists(projectId);
        }
        refuseNativeLogin(wanted.nativeLogin());
        int version = wanted.pgVersion().orElse(Installations.BUNDLED);
        try {
            installations.get(version);
        } catch (PostgresException e) {
            throw ControlException.because(Code.INVALID_PARAMETER_VALUE, e);
        }
        Instant now = clock.instant();
        Project project = new Project(
                uids.project(),
                projectId,
                checkDisplayName(wanted.displayName().orElse(projectId)),
                version,
                checkHistory(wanted.historyRetention().orElse(DEFAULT_HISTORY)),
                Optional.of(uids.branch()),
                wanted.endpointDefaults().orElse(EndpointSettings.DEFAULT),
                wanted.nativeLogin(),
                wanted.budgetPolicyId(),
                wanted.customTags(),
                wanted.extensionsAllowed().map(Extensions::check),
                caller.principal(),
                now,
                now,
                Optional.empty(),
                Optional.empty());
        Branch branch = firstBranch(project, wanted.initialBranchProtected());
        EndpointSettings settings = wanted.initialEndpoint().orElse(project.endpointDefaults());
        Endpoint primary = Endpoints.fresh(
                uids.endpoint(),
                branch,
                Endpoint.PRIMARY,
                new NewEndpoint(Endpoint.Type.READ_WRITE, Optional.of(settings), Optional.empty(), false),
                settings,
                now);
        return operations.run(
                caller,
                Kind.CREATE_PROJECT,
                project.name(),
                project.uid(),
                handle -> {
                    if (ProjectTable.live(handle, projectId).isPresent()) {
                        throw ProjectTable.alreadyExists(projectId);
                    }
                    ControlDatabaseErrors.writeUnlessTaken(
                            () -> ProjectTable.insert(handle, project), () -> ProjectTable.alreadyExists(projectId));
                    ProjectTable.hasDatabase(handle, project.uid(), ProjectWork.FIRST_DATABASE);
                    BranchTable.insert(handle, branch);
                    BranchTable.createdBy(handle, branch.uid(), caller.principal());
                    endpoints.insert(handle, primary);
                },
                end -> work.make(end, caller, project, branch, primary));
    }

    private Branch firstBranch(Project project, boolean isProtected) {
        String uid = project.defaultBranchUid().orElseThrow();
        return new Branch(
                uid,
                project.uid(),
                project.projectId(),
                FIRST_BRANCH,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Branch.State.INIT,
                Optional.of(Branch.State.READY),
                project.createTime(),
                isProtected,
                true,
                false,
                Optional.empty(),
                uids.volume(uid),
                OptionalLong.empty(),
                project.createTime(),
                project.createTime(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    /** Changes what a project says of itself, its history and its default branch. */
    public Operation update(Caller caller, String projectId, ProjectChange change) {
        refuseNativeLogin(change.nativeLogin().orElse(false));
        Project project = jdbi.withHandle(handle -> finder.project(handle, projectId));
        Optional<Branch> newDefault =
                change.defaultBranch().map(id -> jdbi.withHandle(handle -> finder.readyBranch(handle, projectId, id)));
        newDefault.ifPresent(BranchRules::mayBeDefault);
        change.displayName().ifPresent(Projects::checkDisplayName);
        change.historyRetention().ifPresent(Projects::checkHistory);
        // Refused here at once; made again of what there is then.
        refuseUnusable(project, changed(project, change, newDefault));
        return operations.run(
                caller,
                Kind.UPDATE_PROJECT,
                project.name(),
                project.uid(),
                handle -> {},
                end -> work.change(end, project, before -> changed(before, change, newDefault), newDefault));
    }

    /** Before every new branch would fail. */
    private void refuseUnusable(Project before, Project after) {
        Map<String, String> settings = after.endpointDefaults().pgSettings();
        if (!settings.equals(before.endpointDefaults().pgSettings())) {
            after.defaultBranchUid()
                    .flatMap(uid -> jdbi.withHandle(handle -> BranchTable.byUid(handle, uid)))
                    .filter(branch -> branch.state() == Branch.State.READY)
                    .ifPresent(
                            branch -> PgSettings.refuseUnusable(engine, settings, branch.volume(), before.pgVersion()));
        }
    }

    private Project changed(Project before, ProjectChange change, Optional<Branch> newDefault) {
        return new Project(
                before.uid(),
                before.projectId(),
                change.displayName().orElse(before.displayName()),
                before.pgVersion(),
                change.historyRetention().orElse(before.historyRetention()),
                newDefault.map(Branch::uid).or(before::defaultBranchUid),
                change.endpointDefaults().orElse(UnaryOperator.identity()).apply(before.endpointDefaults()),
                change.nativeLogin().orElse(before.nativeLogin()),
                change.budgetPolicyId().or(before::budgetPolicyId),
                change.customTags().orElse(before.customTags()),
                change.extensionsAllowed().map(Extensions::check).or(before::extensionsAllowed),
                before.owner(),
                before.createTime(),
                clock.instant(),
                before.deleteTime(),
                before.purgeTime());
    }

    /**
     * Deletes the project with all its branches.
     *
     * @param purge for good at once; otherwise it can be brought back for a while
     */
    public Operation delete(Caller caller, String projectId, boolean purge) {
        Project project = get(projectId);
        if (project.deleteTime().isPresent() && !purge) {
            throw new ControlException(
                    Code.INVALID_STATE, project.name() + " is deleted already. Use purge=true to remove it for good.");
        }
        if (project.deleteTime().isEmpty()) {
            ProjectWork.refuseProtected(
                    project, jdbi.withHandle(handle -> BranchTable.ofProject(handle, project.uid())));
        }
        return operations.run(caller, Kind.DELETE_PROJECT, project.name(), project.uid(), handle -> {}, end -> {
            if (purge) {
                work.purge(end, project);
            } else {
                work.delete(end, project);
            }
        });
    }

    /** Brings a deleted project back with the branches that were deleted with it. */
    public Operation undelete(Caller caller, String projectId) {
        if (jdbi.withHandle(handle -> ProjectTable.live(handle, projectId)).isPresent()) {
            throw ProjectTable.alreadyExists(projectId);
        }
        Project project = get(projectId);
        return operations.run(
                caller,
                Kind.UNDELETE_PROJECT,
                project.name(),
                project.uid(),
                handle -> {},
                end -> work.undelete(end, project));
    }

    private static void refuseNativeLogin(boolean wanted) {
        if (wanted) {
            throw new ControlException(
                    Code.INVALID_PARAMETER_VALUE,
                    "passwords of PostgreSQL's own open no endpoint: every session comes through the gateway, which signs in users "
                            + "and service principals. Leave enable_pg_native_login out.");
        }
    }

    private static String checkDisplayName(String name) {
        if (name.isBlank() || name.length() > LONGEST_NAME) {
            throw new ControlException(
                    Code.INVALID_PARAMETER_VALUE,
                    "display_name must have 1 to " + LONGEST_NAME + " characters and not be blank.");
        }
        return name;
    }

    private static Duration checkHistory(Duration history) {
        if (history.compareTo(SHORTEST_HISTORY) < 0 || history.compareTo(LONGEST_HISTORY) > 0) {
            throw new ControlException(
                    Code.INVALID_PARAMETER_VALUE,
                    "history_retention_duration " + history.toSeconds() + "s is not possible. Choose "
                            + SHORTEST_HISTORY.toSeconds() + "s (2 days) to " + LONGEST_HISTORY.toSeconds()
                            + "s (35 days).");
        }
        return history;
    }
}
