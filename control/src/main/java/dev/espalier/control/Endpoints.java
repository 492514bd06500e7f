package dev.espalier.control;

import dev.espalier.control.Operation.Kind;
import dev.espalier.control.request.Caller;
import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.ControlException.Code;
import dev.espalier.control.request.Page;
import dev.espalier.control.request.PageTokens;
import dev.espalier.control.request.ResourceName;
import dev.espalier.control.setting.ActivityPolicy;
import dev.espalier.control.setting.EndpointSettings;
import dev.espalier.control.setting.PgSettings;
import dev.espalier.engine.Engine;
import dev.espalier.storage.VolumeName;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jdbi.v3.core.Jdbi;

/** What can be asked of endpoints. */
public final class Endpoints {

    private final Engine engine;
    private final Jdbi jdbi;
    private final Finder finder;
    private final EndpointTable endpoints;
    private final EndpointRunner runner;
    private final Operations operations;
    private final Locks locks;
    private final Uids uids;
    private final Clock clock;

    Endpoints(
            Engine engine,
            Jdbi jdbi,
            Finder finder,
            EndpointTable endpoints,
            EndpointRunner runner,
            Operations operations,
            Locks locks,
            Uids uids,
            Clock clock) {
        this.engine = engine;
        this.jdbi = jdbi;
        this.finder = finder;
        this.endpoints = endpoints;
        this.runner = runner;
        this.operations = operations;
        this.locks = locks;
        this.uids = uids;
        this.clock = clock;
    }

    /** @throws ControlException if there is none */
    public Endpoint get(String projectId, String branchId, String endpointId) {
        return jdbi.withHandle(handle -> finder.endpoint(handle, projectId, branchId, endpointId));
    }

    /** The endpoint; empty when it is gone. */
    public Optional<Endpoint> getByUid(String uid) {
        return jdbi.withHandle(handle -> endpoints.byUid(handle, uid));
    }

    /** The endpoints of a branch, the read-write one first. */
    public Page<Endpoint> list(String projectId, String branchId, int pageSize, Optional<String> pageToken) {
        int size = PageTokens.size(pageSize);
        String after = PageTokens.read(pageToken).uid();
        List<Endpoint> all = jdbi.withHandle(handle -> endpoints.ofBranch(
                handle, finder.branch(handle, projectId, branchId).uid()));
        List<Endpoint> rest = all.stream()
                .filter(endpoint -> after.compareTo(place(endpoint)) < 0)
                .toList();
        return PageTokens.page(rest, size, endpoint -> new PageTokens.After(Instant.EPOCH, place(endpoint)));
    }

    /** Where it stands in a list, also when it is gone by the next page. */
    private static String place(Endpoint endpoint) {
        return (endpoint.type() == Endpoint.Type.READ_WRITE ? "1 " : "2 ") + endpoint.endpointId();
    }

    /**
     * Makes a read-only endpoint: a replica that follows the branch.
     *
     * @param replaceExisting whether an endpoint of this id takes what is stated instead of being refused
     */
    public Operation create(
            Caller caller,
            String projectId,
            String branchId,
            String endpointId,
            NewEndpoint wanted,
            boolean replaceExisting) {
        ResourceName.checkId("endpoint", endpointId);
        Branch branch = jdbi.withHandle(handle -> finder.readyBranch(handle, projectId, branchId));
        Project project = jdbi.withHandle(handle -> finder.project(handle, projectId));
        Optional<Endpoint> existing = jdbi.withHandle(handle -> endpoints.find(handle, branch.uid(), endpointId));
        if (existing.isPresent() && replaceExisting) {
            return update(
                    caller,
                    projectId,
                    branchId,
                    endpointId,
                    new EndpointChange(wanted.settings(), wanted.activityPolicy(), wanted.disabled()));
        }
        if (existing.isPresent()) {
            throw alreadyExists(existing.get());
        }
        if (wanted.type() == Endpoint.Type.READ_WRITE) {
            throw new ControlException(
                    Code.ALREADY_EXISTS,
                    branch.name()
                            + " has its read-write endpoint already, and can have no other. Make a read-only one.");
        }
        if (branch.mirror().isPresent()) {
            throw new ControlException(
                    Code.INVALID_STATE,
                    branch.name() + " is a mirror, which nobody reads. Make a branch from it, and replicas of that.");
        }
        String uid = uids.endpoint();
        VolumeName volume = uids.volume(uid);
        wanted.settings().ifPresent(settings -> refuseUnusable(settings.apply(project.endpointDefaults()), branch));
        // Nobody can wake it before it is made: its row names no volume until then.
        Endpoint endpoint = fresh(uid, branch, endpointId, wanted, project.endpointDefaults(), clock.instant());
        return operations.run(
                caller,
                Kind.CREATE_ENDPOINT,
                endpoint.name(),
                uid,
                handle -> ControlDatabaseErrors.writeUnlessTaken(
                        () -> endpoints.insert(handle, endpoint), () -> alreadyExists(endpoint)),
                end -> makeReplica(end, branch, endpoint, volume));
    }

    private static ControlException alreadyExists(Endpoint endpoint) {
        return new ControlException(
                Code.ALREADY_EXISTS, endpoint.name() + " already exists. Choose another endpoint_id.");
    }

    /** Before a server is stopped that would not start again. */
    private void refuseUnusable(EndpointSettings settings, Branch branch) {
        int major = jdbi.withHandle(handle -> finder.project(handle, branch.projectId()))
                .pgVersion();
        PgSettings.refuseUnusable(engine, settings.pgSettings(), branch.volume(), major);
    }

    private void makeReplica(Operations.End end, Branch branch, Endpoint endpoint, VolumeName volume) {
        end.ifItFails(handle -> endpoints.delete(handle, endpoint.uid()));
        try (var _ = locks.shared(branch.uid())) {
            try {
                Branch current = jdbi.withHandle(handle -> finder.again(handle, branch));
                Endpoint primary = jdbi.withHandle(handle -> endpoints.primary(handle, branch.uid()));
                boolean _ = runner.reading(current.volume(), primary.uid(), original -> {
                    engine.replicate(original, volume);
                    return true;
                });
                jdbi.useHandle(handle -> endpoints.replicaVolume(handle, endpoint.uid(), volume));
                if (!endpoint.disabled()) {
                    runner.wakeHeld(endpoint.uid());
                }
                end.done();
            } catch (RuntimeException e) {
                throw Undo.after(e, () -> engine.stop(endpoint.uid()), () -> engine.delete(volume));
            }
        }
    }

    /** Changes settings; an endpoint that runs starts anew where that is needed for them to hold. */
    public Operation update(
            Caller caller, String projectId, String branchId, String endpointId, EndpointChange change) {
        Endpoint endpoint = get(projectId, branchId, endpointId);
        EndpointSettings settings = changed(endpoint, change);
        if (!settings.pgSettings().equals(endpoint.settings().pgSettings())) {
            refuseUnusable(settings, jdbi.withHandle(handle -> finder.branch(handle, projectId, branchId)));
        }
        return operations.run(caller, Kind.UPDATE_ENDPOINT, endpoint.name(), endpoint.uid(), handle -> {}, end -> {
            try (var _ = locks.alone(endpoint.branchUid())) {
                Endpoint before = again(endpoint);
                change(before, change);
                end.done();
                if (before.type() == Endpoint.Type.READ_WRITE
                        && before.disabled()
                        && !again(before).disabled()) {
                    // Without it the branch's replicas could not wake either.
                    runner.wakeWhatNeverSleeps(before.branchUid());
                } else if (before.disabled() || before.settings().suspendAfter().isPresent()) {
                    runner.wakeIfItNeverSleeps(before);
                }
            }
        });
    }

    private static EndpointSettings changed(Endpoint endpoint, EndpointChange change) {
        return change.settings().orElse(UnaryOperator.identity()).apply(endpoint.settings());
    }

    /** The endpoint as it is now, which may have changed since it was named. */
    private Endpoint again(Endpoint endpoint) {
        return getByUid(endpoint.uid())
                .orElseThrow(() -> new ControlException(
                        Code.NOT_FOUND, endpoint.name() + " has been deleted meanwhile. List the endpoints."));
    }

    /** @param endpoint as it is now; the caller holds its branch alone */
    private void change(Endpoint endpoint, EndpointChange change) {
        EndpointSettings settings = changed(endpoint, change);
        boolean disabled = change.disabled().orElse(endpoint.disabled());
        boolean restart = !settings.pgSettings().equals(endpoint.settings().pgSettings())
                || settings.minCu() != endpoint.settings().minCu()
                || settings.maxCu() != endpoint.settings().maxCu();
        ActivityPolicy policy = change.activityPolicy().orElse(endpoint.activityPolicy());
        boolean running = engine.isRunning(endpoint.uid());
        List<Endpoint> outgrown = outgrown(endpoint, settings);
        outgrown.forEach(replica -> runner.suspend(replica.uid()));
        if (disabled || restart) {
            runner.suspend(endpoint.uid());
        }
        jdbi.useHandle(handle -> endpoints.change(handle, endpoint.uid(), settings, policy, disabled, clock.instant()));
        if (restart && !disabled) {
            try {
                tryOut(endpoint, running);
            } finally {
                outgrown.forEach(runner::wakeIfItStarts);
            }
        }
    }

    /** The replicas that run and would stop to replay, because the endpoint will allow more sessions than they do. */
    private List<Endpoint> outgrown(Endpoint endpoint, EndpointSettings settings) {
        if (endpoint.type() == Endpoint.Type.READ_ONLY
                || settings.maxCu() <= endpoint.settings().maxCu()) {
            return List.of();
        }
        return jdbi.withHandle(handle -> endpoints.ofBranch(handle, endpoint.branchUid())).stream()
                .filter(other -> other.type() == Endpoint.Type.READ_ONLY && engine.isRunning(other.uid()))
                .toList();
    }

    /** A value that PostgreSQL does not accept shows only at its start: then everything is as it was. */
    private void tryOut(Endpoint before, boolean running) {
        try {
            runner.wakeHeld(before.uid());
        } catch (RuntimeException e) {
            throw Undo.after(
                    e,
                    () -> jdbi.useHandle(handle -> endpoints.change(
                            handle,
                            before.uid(),
                            before.settings(),
                            before.activityPolicy(),
                            before.disabled(),
                            before.updateTime())),
                    () -> {
                        if (running) {
                            runner.wakeHeld(before.uid());
                        }
                    });
        }
        if (!running) {
            runner.suspend(before.uid());
        }
    }

    /** Deletes a read-only endpoint. */
    public Operation delete(Caller caller, String projectId, String branchId, String endpointId) {
        Endpoint endpoint = get(projectId, branchId, endpointId);
        if (endpoint.type() == Endpoint.Type.READ_WRITE) {
            throw new ControlException(
                    Code.BAD_REQUEST,
                    endpoint.name()
                            + " is its branch's read-write endpoint and goes only with the branch. Delete the branch, "
                            + "or disable the endpoint.",
                    "RESOURCE_CONFLICT",
                    Map.of("declarative_context", "MANAGED_BY_PARENT"));
        }
        return operations.run(caller, Kind.DELETE_ENDPOINT, endpoint.name(), endpoint.uid(), handle -> {}, end -> {
            try (var _ = locks.alone(endpoint.branchUid())) {
                runner.suspend(endpoint.uid());
                // A reset may have given it another volume since.
                Optional<VolumeName> volume = getByUid(endpoint.uid()).flatMap(Endpoint::replicaVolume);
                end.with(handle -> endpoints.delete(handle, endpoint.uid()));
                volume.ifPresent(engine::delete);
                engine.deleteLog(endpoint.uid());
            }
        });
    }

    /** Makes sure that the endpoint runs. */
    public Operation wake(Caller caller, String projectId, String branchId, String endpointId) {
        Endpoint endpoint = get(projectId, branchId, endpointId);
        return operations.run(caller, Kind.WAKE_ENDPOINT, endpoint.name(), endpoint.uid(), handle -> {}, end -> {
            runner.wake(endpoint.uid());
            end.done();
        });
    }

    /** Makes sure that the endpoint runs, for a session that wants to reach it. */
    public void wake(String endpointUid) {
        runner.wake(endpointUid);
    }

    /** Stops the endpoint; its sessions end, and the next one wakes it. */
    public Operation suspend(Caller caller, String projectId, String branchId, String endpointId) {
        Endpoint endpoint = get(projectId, branchId, endpointId);
        return operations.run(caller, Kind.SUSPEND_ENDPOINT, endpoint.name(), endpoint.uid(), handle -> {}, end -> {
            try (var _ = locks.alone(endpoint.branchUid())) {
                runner.suspend(endpoint.uid());
                end.done();
            }
        });
    }

    static Endpoint fresh(
            String uid, Branch branch, String endpointId, NewEndpoint wanted, EndpointSettings defaults, Instant now) {
        return new Endpoint(
                uid,
                branch.uid(),
                branch.projectId(),
                branch.branchId(),
                endpointId,
                wanted.type(),
                wanted.settings(defaults),
                wanted.activityPolicy().orElse(ActivityPolicy.DEFAULT),
                wanted.disabled().orElse(false),
                Optional.empty(),
                Endpoint.State.IDLE,
                Path.of(""),
                Optional.empty(),
                now,
                now);
    }
}
