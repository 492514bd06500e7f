package dev.espalier.control;

import dev.espalier.control.BranchWork.Unlisted;
import dev.espalier.control.Operation.Kind;
import dev.espalier.control.request.Caller;
import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.ControlException.Code;
import dev.espalier.control.request.Moment;
import dev.espalier.control.request.Page;
import dev.espalier.control.request.PageTokens;
import dev.espalier.control.request.ResourceName;
import dev.espalier.control.setting.EndpointSettings;
import dev.espalier.control.setting.Expiration;
import dev.espalier.postgres.Lsn;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.BiFunction;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/** What can be asked of branches: checks the request, records it, and has it done. */
public final class Branches {

    private final Jdbi jdbi;
    private final Finder finder;
    private final EndpointTable endpoints;
    private final Operations operations;
    private final BranchWork work;
    private final BranchRemoval removal;
    private final BranchRules rules;
    private final MirrorWork mirrors;
    private final Uids uids;
    private final Clock clock;

    Branches(
            Jdbi jdbi,
            Finder finder,
            EndpointTable endpoints,
            Operations operations,
            BranchWork work,
            BranchRemoval removal,
            BranchRules rules,
            MirrorWork mirrors,
            Uids uids,
            Clock clock) {
        this.jdbi = jdbi;
        this.finder = finder;
        this.endpoints = endpoints;
        this.operations = operations;
        this.work = work;
        this.removal = removal;
        this.rules = rules;
        this.mirrors = mirrors;
        this.uids = uids;
        this.clock = clock;
    }

    /** The live branch of this id, or else the one deleted last. */
    public Branch get(String projectId, String branchId) {
        return jdbi.withHandle(handle -> {
            Project project = finder.project(handle, projectId);
            return BranchTable.live(handle, project.uid(), branchId)
                    .or(() -> BranchTable.newestDeleted(handle, project.uid(), branchId))
                    .orElseThrow(() -> Finder.noBranch(projectId, branchId));
        });
    }

    /** The branch, whatever has become of its id; empty when it is gone for good. */
    public Optional<Branch> getByUid(String uid) {
        return jdbi.withHandle(handle -> BranchTable.byUid(handle, uid));
    }

    /** The branches of a project, in the order in which they were made. */
    public Page<Branch> list(String projectId, int pageSize, Optional<String> pageToken, boolean showDeleted) {
        int size = PageTokens.size(pageSize);
        PageTokens.After after = PageTokens.read(pageToken);
        List<Branch> found = jdbi.withHandle(handle -> BranchTable.page(
                handle, finder.project(handle, projectId).uid(), after.time(), after.uid(), size + 1, showDeleted));
        return PageTokens.page(found, size, branch -> new PageTokens.After(branch.createTime(), branch.uid()));
    }

    /**
     * Makes a branch with its read-write endpoint, ready for its first query.
     *
     * @param replaceExisting whether a branch of this id takes the protection and expiration that are stated instead of being
     *     refused; its data stay as they are, so that another source is refused all the same
     */
    public Operation create(
            Caller caller, String projectId, String branchId, NewBranch wanted, boolean replaceExisting) {
        ResourceName.checkId("branch", branchId);
        Project project = jdbi.withHandle(handle -> finder.project(handle, projectId));
        Optional<Branch> existing = jdbi.withHandle(handle -> BranchTable.live(handle, project.uid(), branchId));
        if (existing.isPresent()) {
            if (replaceExisting) {
                refuseOtherSource(existing.get(), wanted);
                return update(
                        caller,
                        projectId,
                        branchId,
                        new BranchChange(wanted.isProtected(), Optional.of(wanted.expiration())));
            }
            throw BranchTable.alreadyExists(existing.get());
        }
        Branch source = jdbi.withHandle(handle -> source(handle, project, wanted.source()));
        Optional<Instant> expireTime = rules.expireTime(wanted);
        Branch branch = fresh(
                project,
                branchId,
                Optional.of(source),
                wanted,
                false,
                expireTime,
                wanted.mirrorFor().or(source::maskedFor));
        Endpoint primary = primary(branch, settings(project, wanted));
        wanted.mirrorFor().ifPresent(principal -> mirrors.check(project, source, wanted.moment(), principal));
        refuseEarlierMirror(source, wanted.moment());
        work.checkWithinHistory(source, wanted.moment());
        return operations.run(
                caller,
                Kind.CREATE_BRANCH,
                branch.name(),
                branch.uid(),
                handle -> {
                    BranchTable.insertUnlessTaken(handle, branch);
                    BranchTable.createdBy(handle, branch.uid(), caller.principal());
                    endpoints.insert(handle, primary);
                },
                end -> {
                    if (branch.mirror().isPresent()) {
                        mirrors.make(end, project, source, branch, primary);
                    } else {
                        work.make(end, project, source, branch, primary, wanted.moment());
                    }
                });
    }

    /** A mirror does not sleep: nobody would wake it who has changed its source. */
    private static EndpointSettings settings(Project project, NewBranch wanted) {
        EndpointSettings defaults = project.endpointDefaults();
        return wanted.mirrorFor().isEmpty()
                ? defaults
                : new EndpointSettings(defaults.minCu(), defaults.maxCu(), Optional.empty(), defaults.pgSettings());
    }

    /** What a mirror was is not what its rules of now ask for; and its sequences are not in its log. */
    private static void refuseEarlierMirror(Branch source, Moment moment) {
        if (source.mirror().isPresent() && !(moment instanceof Moment.Now)) {
            throw new ControlException(
                    Code.INVALID_PARAMETER_VALUE,
                    source.name() + " is a mirror: branches are made of it as it is now. Leave source_branch_time and "
                            + "source_branch_lsn out.");
        }
    }

    /**
     * Uses two copies of a branch as it is now, which are no branches: nobody finds them, and they are gone afterwards.
     *
     * @param sourceId the branch; the project's default one where it is empty
     * @param name what the copies are called in errors
     */
    <T> T onTwoCopies(String projectId, Optional<String> sourceId, String name, BiFunction<Unlisted, Unlisted, T> use) {
        Project project = jdbi.withHandle(handle -> finder.project(handle, projectId));
        Branch source = jdbi.withHandle(handle -> source(handle, project, sourceId));
        if (source.mirror().isPresent()) {
            throw new ControlException(
                    Code.INVALID_STATE,
                    source.name() + " is a mirror, which nobody signs in to. Name the branch that it mirrors.");
        }
        EndpointSettings settings = jdbi.withHandle(handle -> endpoints.primary(handle, source.uid()))
                .settings();
        Unlisted one = unlisted(project, source, name, settings);
        Unlisted other = unlisted(project, source, name, settings);
        return work.onCopies(project, source, List.of(one, other), () -> use.apply(one, other));
    }

    private Unlisted unlisted(Project project, Branch source, String name, EndpointSettings settings) {
        Branch copy = fresh(
                project,
                name,
                Optional.of(source),
                new NewBranch(Optional.empty(), new Moment.Now(), false, new Expiration.Never()),
                false,
                Optional.empty(),
                source.maskedFor());
        return new Unlisted(copy, primary(copy, settings));
    }

    private static void refuseOtherSource(Branch existing, NewBranch wanted) {
        boolean same = (wanted.source().isEmpty() || wanted.source().equals(existing.sourceBranchId()))
                && wanted.mirrorFor().equals(existing.mirror().flatMap(mirror -> existing.maskedFor()));
        boolean sameMoment = switch (wanted.moment()) {
            case Moment.Now() -> true;
            case Moment.At(Instant time) -> existing.sourceTime().equals(Optional.of(time));
            case Moment.Position(Lsn lsn) -> existing.sourceLsn().equals(Optional.of(lsn));
        };
        if (!same || !sameMoment) {
            throw new ControlException(
                    Code.INVALID_PARAMETER_VALUE,
                    existing.name()
                            + " exists and was made from another source, for another principal, or of another moment. "
                            + "replace_existing gives it other protection and expiration and leaves its data: leave "
                            + "source_branch, source_branch_time and source_branch_lsn out, or delete the branch first.");
        }
    }

    private Branch source(Handle handle, Project project, Optional<String> sourceId) {
        if (sourceId.isPresent()) {
            return finder.readyBranch(handle, project.projectId(), sourceId.get());
        }
        return BranchTable.byUid(handle, project.defaultBranchUid().orElseThrow())
                .orElseThrow();
    }

    private Branch fresh(
            Project project,
            String branchId,
            Optional<Branch> source,
            NewBranch wanted,
            boolean keepsDurable,
            Optional<Instant> expireTime,
            Optional<String> maskedFor) {
        String uid = uids.branch();
        Instant now = clock.instant();
        return new Branch(
                uid,
                project.uid(),
                project.projectId(),
                branchId,
                source.map(Branch::uid),
                source.map(Branch::branchId),
                wanted.moment() instanceof Moment.Position position ? Optional.of(position.lsn()) : Optional.empty(),
                wanted.moment() instanceof Moment.At at ? Optional.of(at.time()) : Optional.empty(),
                Branch.State.INIT,
                Optional.of(Branch.State.READY),
                now,
                wanted.isProtected().orElse(false),
                false,
                keepsDurable,
                expireTime,
                uids.volume(uid),
                OptionalLong.empty(),
                now,
                now,
                Optional.empty(),
                Optional.empty(),
                maskedFor,
                wanted.mirrorFor().map(principal -> Mirror.NEW));
    }

    private Endpoint primary(Branch branch, EndpointSettings settings) {
        return Endpoints.fresh(
                uids.endpoint(),
                branch,
                Endpoint.PRIMARY,
                new NewEndpoint(Endpoint.Type.READ_WRITE, Optional.of(settings), Optional.empty(), false),
                settings,
                clock.instant());
    }

    /** Changes protection and expiration. */
    public Operation update(Caller caller, String projectId, String branchId, BranchChange change) {
        Branch branch = jdbi.withHandle(handle -> finder.readyBranch(handle, projectId, branchId));
        // Refused here at once; computed again by whoever holds the branch.
        rules.expireTime(branch, change, change.isProtected().orElse(branch.isProtected()));
        return operations.run(
                caller,
                Kind.UPDATE_BRANCH,
                branch.name(),
                branch.uid(),
                handle -> {},
                end -> work.change(end, branch, change));
    }

    /**
     * Deletes the branch.
     *
     * @param purge for good at once; otherwise it can be brought back for a while
     */
    public Operation delete(Caller caller, String projectId, String branchId, boolean purge) {
        Branch branch = get(projectId, branchId);
        if (branch.deleteTime().isPresent() && !purge) {
            throw new ControlException(
                    Code.INVALID_STATE, branch.name() + " is deleted already. Use purge=true to remove it for good.");
        }
        rules.mayBeDeleted(branch);
        return operations.run(caller, Kind.DELETE_BRANCH, branch.name(), branch.uid(), handle -> {}, end -> {
            if (purge) {
                removal.purge(end, branch);
            } else {
                removal.delete(end, branch);
            }
        });
    }

    /** Brings a deleted branch back. */
    public Operation undelete(Caller caller, String projectId, String branchId) {
        Branch branch = jdbi.withHandle(handle -> {
            Project project = finder.project(handle, projectId);
            BranchTable.live(handle, project.uid(), branchId).ifPresent(live -> {
                throw BranchTable.exists(live);
            });
            return BranchTable.newestDeleted(handle, project.uid(), branchId)
                    .orElseThrow(() -> Finder.noBranch(projectId, branchId));
        });
        return operations.run(
                caller,
                Kind.UNDELETE_BRANCH,
                branch.name(),
                branch.uid(),
                handle -> {},
                end -> removal.undelete(end, branch));
    }

    /** Makes the branch what its source is now. Sessions end; how to connect stays the same. */
    public Operation reset(Caller caller, String projectId, String branchId) {
        Branch branch = jdbi.withHandle(handle -> finder.readyBranch(handle, projectId, branchId));
        rules.mayBeReset(branch);
        Project project = jdbi.withHandle(handle -> finder.project(handle, projectId));
        return operations.run(
                caller,
                Kind.RESET_BRANCH,
                branch.name(),
                branch.uid(),
                handle -> BranchTable.pending(handle, branch.uid(), Branch.State.RESETTING),
                end -> work.reset(end, project, branch));
    }

    /**
     * Takes the branch back to an earlier moment of its own. What it was before is kept for as long as the branch is.
     *
     * @param preserveUnder id of a new branch that keeps the state before; made up where it is empty
     */
    public Operation restore(
            Caller caller, String projectId, String branchId, Moment moment, Optional<String> preserveUnder) {
        Branch branch = jdbi.withHandle(handle -> finder.readyBranch(handle, projectId, branchId));
        if (moment instanceof Moment.Now) {
            throw new ControlException(
                    Code.INVALID_PARAMETER_VALUE,
                    "there is no moment to restore to. Give restore_time or restore_lsn.");
        }
        BranchRules.refuseWithoutSource(branch);
        if (branch.mirror().isPresent()) {
            throw new ControlException(
                    Code.INVALID_STATE,
                    branch.name()
                            + " is a mirror, and follows its source from where it is. Reset it to copy its source anew.");
        }
        Project project = jdbi.withHandle(handle -> finder.project(handle, projectId));
        preserveUnder
                .map(id -> ResourceName.checkId("branch", id))
                .flatMap(id -> jdbi.withHandle(handle -> BranchTable.live(handle, project.uid(), id)))
                .ifPresent(taken -> {
                    throw BranchTable.alreadyExists(taken);
                });
        work.checkWithinHistory(branch, moment);
        return operations.run(
                caller,
                Kind.RESTORE_BRANCH,
                branch.name(),
                branch.uid(),
                handle -> BranchTable.pending(handle, branch.uid(), Branch.State.RESETTING),
                end -> work.restore(
                        end, project, branch, moment, preserveUnder, (now, id) -> preserved(project, now, id)));
    }

    private Unlisted preserved(Project project, Branch branch, String id) {
        Branch preserved = fresh(
                project,
                id,
                branch.sourceUid().flatMap(this::getByUid),
                new NewBranch(Optional.empty(), new Moment.Now(), false, new Expiration.Never()),
                branch.isDurable(),
                branch.expireTime(),
                branch.maskedFor());
        return new Unlisted(preserved, primary(preserved, project.endpointDefaults()));
    }
}
