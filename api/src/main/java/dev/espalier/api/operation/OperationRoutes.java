package dev.espalier.api.operation;

import dev.espalier.api.http.Request;
import dev.espalier.api.http.Route;
import dev.espalier.control.ControlException;
import dev.espalier.control.ControlException.Code;
import dev.espalier.control.Operation;
import dev.espalier.control.Operations;
import java.util.List;

/** The method for operations. An operation is below the resource that it is about, so there is a path for each kind of these. */
public final class OperationRoutes {

    private static final String BRANCH = "/projects/{project_id}/branches/{branch_id}";
    private static final String SUMMARY = "Shows an operation, to see whether it is done.";

    private final Operations operations;
    private final OperationResources resources;

    public OperationRoutes(Operations operations, OperationResources resources) {
        this.operations = operations;
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
        return Route.get(path, operationId, SUMMARY, OperationResource.class, this::get);
    }

    private Object get(Request request) {
        String uid = request.path("operation_id");
        Operation operation = operations.get(uid);
        if (!(Route.ROOT + "/" + operation.name()).equals(request.path())) {
            throw new ControlException(
                    Code.NOT_FOUND,
                    "there is no operation " + uid + " of this resource; it is " + operation.name() + ".");
        }
        return resources.of(operation);
    }
}
