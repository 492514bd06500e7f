package dev.espalier.api.branch;

import static dev.espalier.api.http.QueryParameter.PAGE_SIZE;
import static dev.espalier.api.http.QueryParameter.PAGE_TOKEN;
import static dev.espalier.api.http.QueryParameter.PURGE;
import static dev.espalier.api.http.QueryParameter.REPLACE_EXISTING;
import static dev.espalier.api.http.QueryParameter.SHOW_DELETED;
import static dev.espalier.api.http.QueryParameter.UPDATE_MASK;

import dev.espalier.api.http.QueryParameter;
import dev.espalier.api.http.Request;
import dev.espalier.api.http.Route;
import dev.espalier.api.operation.OperationResource;
import dev.espalier.api.operation.OperationResources;
import dev.espalier.api.wire.NoFields;
import dev.espalier.api.wire.UpdateMask;
import dev.espalier.control.AccessLists;
import dev.espalier.control.Branch;
import dev.espalier.control.Branches;
import dev.espalier.control.NewBranch;
import java.util.List;
import java.util.Optional;

/** The methods for branches. */
public final class BranchRoutes {

    static final String ALL = Route.ROOT + "/projects/{project_id}/branches";
    static final String ONE = ALL + "/{branch_id}";
    private static final QueryParameter BRANCH_ID = QueryParameter.required("branch_id", "Id of the new branch.");

    private final Branches branches;
    private final AccessLists access;
    private final OperationResources operations;

    public BranchRoutes(Branches branches, AccessLists access, OperationResources operations) {
        this.branches = branches;
        this.access = access;
        this.operations = operations;
    }

    public List<Route> routes() {
        return List.of(
                Route.post(
                                ALL,
                                "createBranch",
                                "Makes a branch with its endpoint, databases and roles.",
                                OperationResource.class,
                                this::create)
                        .query(BRANCH_ID, REPLACE_EXISTING)
                        .body(BranchRequest.class)
                        .forMakersOfBranches(),
                Route.get(ONE, "getBranch", "Shows a branch.", BranchResource.class, this::get),
                Route.get(ALL, "listBranches", "Lists a project's branches.", BranchList.class, this::list)
                        .query(PAGE_SIZE, PAGE_TOKEN, SHOW_DELETED),
                Route.patch(
                                ONE,
                                "updateBranch",
                                "Changes a branch's protection or expiration.",
                                OperationResource.class,
                                this::update)
                        .query(UPDATE_MASK)
                        .body(BranchRequest.class)
                        .forMakersOfBranches(),
                Route.delete(ONE, "deleteBranch", "Deletes a branch.", OperationResource.class, this::delete)
                        .query(PURGE)
                        .forMakersOfBranches(),
                Route.post(
                                ONE + "/undelete",
                                "undeleteBranch",
                                "Brings a deleted branch back.",
                                OperationResource.class,
                                this::undelete)
                        .body(NoFields.class)
                        .forMakersOfBranches(),
                Route.post(
                                ONE + "/reset",
                                "resetBranch",
                                "Makes a branch what its source is now; how to connect stays the same.",
                                OperationResource.class,
                                this::reset)
                        .body(NoFields.class)
                        .forMakersOfBranches(),
                Route.post(
                                ONE + "/restore",
                                "restoreBranch",
                                "Takes a branch back to an earlier moment of its own.",
                                OperationResource.class,
                                this::restore)
                        .body(RestoreRequest.class)
                        .forMakersOfBranches());
    }

    private Object create(Request request) {
        String id = request.required(BRANCH_ID.name());
        boolean replaces = request.flag(REPLACE_EXISTING.name());
        if (replaces) {
            access.requireBranch(request.principal(), request.project(), Optional.of(id));
        }
        NewBranch wanted = request.body(BranchRequest.class).toNew(request.project());
        return operations.of(branches.create(request.caller(), request.project(), id, wanted, replaces));
    }

    private Object get(Request request) {
        return BranchResource.of(branch(request));
    }

    private Object list(Request request) {
        return BranchList.of(branches.list(
                request.project(), request.pageSize(), request.pageToken(), request.flag(SHOW_DELETED.name())));
    }

    private Object update(Request request) {
        UpdateMask mask = UpdateMask.parse(request.query(UPDATE_MASK.name()), BranchRequest.FIELDS);
        return operations.of(branches.update(
                request.caller(),
                request.project(),
                request.branch(),
                request.body(BranchRequest.class).toChange(mask, branch(request))));
    }

    private Object delete(Request request) {
        return operations.of(
                branches.delete(request.caller(), request.project(), request.branch(), request.flag(PURGE.name())));
    }

    private Object undelete(Request request) {
        request.body(NoFields.class);
        return operations.of(branches.undelete(request.caller(), request.project(), request.branch()));
    }

    private Object reset(Request request) {
        request.body(NoFields.class);
        return operations.of(branches.reset(request.caller(), request.project(), request.branch()));
    }

    private Object restore(Request request) {
        RestoreRequest wanted = request.body(RestoreRequest.class);
        return operations.of(branches.restore(
                request.caller(), request.project(), request.branch(), wanted.moment(), wanted.preserveUnder()));
    }

    private Branch branch(Request request) {
        return branches.get(request.project(), request.branch());
    }
}
