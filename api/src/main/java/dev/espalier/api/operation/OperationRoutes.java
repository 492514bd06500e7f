package dev.espalier.api.operation;

import dev.espalier.api.http.Request;
import dev.espalier.api.http.Route;
import dev.espalier.control.AccessLists;
import dev.espalier.control.Operation;
import dev.espalier.control.Operations;
import dev.espalier.control.Permission;
import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.ControlException.Code;
import java.util.List;

/**
 * The method for operations. An operation is below the resource that it is about, so there is a path for each kind of these. It is
 * shown to whoever may use the project, and to who has asked for it: the project may be gone by it.
 */
public final class OperationRoutes {

    private static final String BRANCH = "/projects/{project_id}/branches/{branch_id}";
    private static final String SUMMARY = "Shows an operation, to see whether it is done.";

    private final Operations operations;
    private final AccessLists access;
    private final OperationResources resources;

    public OperationRoutes(Operations operations, AccessLists access, OperationResources resources) {
        this.operations = operations;
        this.access = access;
        this.resources = resources;
    }

    public List<Route> routes() {
        return List.of(
                route("getProjectOperation", "/projects/{project_id}"),
                route("getBranchOperation", BRANCH),
                route("getEndpointOperation", BRANCH + "/endpoints/{endpoint_id}"),
                route("getRoleOperation", BRANCH + "/roles/{role_id}"),
                route("getDatabaseOperation", BRANCH + "/databases/{database_id}"));
    }

    private Route route(String operationId, String resource) {
        String path = Route.ROOT + resource + "/operations/{operation_id}";
        return Route.get(path, operationId, SUMMARY, OperationResource.class, this::get)
                .forSignedIn();
    }

    private Object get(Request request) {
        String uid = request.path("operation_id");
        if (!operations.isOf(uid, request.principal().name())) {
            access.require(request.principal(), request.project(), Permission.CAN_USE);
        }
        Operation operation = operations.get(uid);
        if (!(Route.ROOT + "/" + operation.name()).equals(request.path())) {
            throw new ControlException(
                    Code.NOT_FOUND,
                    "there is no operation " + uid + " of this resource; it is " + operation.name() + ".");
        }
        return resources.of(operation);
    }
}
