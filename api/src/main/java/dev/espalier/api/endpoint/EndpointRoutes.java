package dev.espalier.api.endpoint;

import static dev.espalier.api.http.QueryParameter.PAGE_SIZE;
import static dev.espalier.api.http.QueryParameter.PAGE_TOKEN;
import static dev.espalier.api.http.QueryParameter.REPLACE_EXISTING;
import static dev.espalier.api.http.QueryParameter.UPDATE_MASK;

import dev.espalier.api.http.QueryParameter;
import dev.espalier.api.http.Request;
import dev.espalier.api.http.Route;
import dev.espalier.api.operation.OperationResource;
import dev.espalier.api.operation.OperationResources;
import dev.espalier.api.wire.NoFields;
import dev.espalier.api.wire.UpdateMask;
import dev.espalier.control.Endpoint;
import dev.espalier.control.Endpoints;
import java.util.List;

/** The methods for endpoints. */
public final class EndpointRoutes {

    private static final String ALL = Route.ROOT + "/projects/{project_id}/branches/{branch_id}/endpoints";
    private static final String ONE = ALL + "/{endpoint_id}";
    private static final QueryParameter ENDPOINT_ID = QueryParameter.required("endpoint_id", "Id of the new endpoint.");

    private final Endpoints endpoints;
    private final OperationResources operations;

    public EndpointRoutes(Endpoints endpoints, OperationResources operations) {
        this.endpoints = endpoints;
        this.operations = operations;
    }

    public List<Route> routes() {
        return List.of(
                Route.post(ALL, "createEndpoint", "Makes a read-only endpoint.", OperationResource.class, this::create)
                        .query(ENDPOINT_ID, REPLACE_EXISTING)
                        .body(EndpointRequest.class),
                Route.get(ONE, "getEndpoint", "Shows an endpoint.", EndpointResource.class, this::get),
                Route.get(ALL, "listEndpoints", "Lists a branch's endpoints.", EndpointList.class, this::list)
                        .query(PAGE_SIZE, PAGE_TOKEN),
                Route.patch(ONE, "updateEndpoint", "Changes an endpoint.", OperationResource.class, this::update)
                        .query(UPDATE_MASK)
                        .body(EndpointRequest.class),
                Route.delete(
                        ONE, "deleteEndpoint", "Deletes a read-only endpoint.", OperationResource.class, this::delete),
                Route.post(ONE + "/wake", "wakeEndpoint", "Starts an endpoint.", OperationResource.class, this::wake)
                        .body(NoFields.class),
                Route.post(
                                ONE + "/suspend",
                                "suspendEndpoint",
                                "Stops an endpoint until it is needed again.",
                                OperationResource.class,
                                this::suspend)
                        .body(NoFields.class));
    }

    private Object create(Request request) {
        String endpointId = request.required(ENDPOINT_ID.name());
        return operations.of(endpoints.create(
                request.caller(),
                request.project(),
                request.branch(),
                endpointId,
                request.body(EndpointRequest.class).toNew(),
                request.flag(REPLACE_EXISTING.name())));
    }

    private Object get(Request request) {
        return EndpointResource.of(endpoint(request));
    }

    private Object list(Request request) {
        return EndpointList.of(
                endpoints.list(request.project(), request.branch(), request.pageSize(), request.pageToken()));
    }

    private Object update(Request request) {
        UpdateMask mask = UpdateMask.parse(request.query(UPDATE_MASK.name()), EndpointRequest.FIELDS);
        return operations.of(endpoints.update(
                request.caller(),
                request.project(),
                request.branch(),
                id(request),
                request.body(EndpointRequest.class).toChange(mask, endpoint(request))));
    }

    private Object delete(Request request) {
        return operations.of(endpoints.delete(request.caller(), request.project(), request.branch(), id(request)));
    }

    private Object wake(Request request) {
        request.body(NoFields.class);
        return operations.of(endpoints.wake(request.caller(), request.project(), request.branch(), id(request)));
    }

    private Object suspend(Request request) {
        request.body(NoFields.class);
        return operations.of(endpoints.suspend(request.caller(), request.project(), request.branch(), id(request)));
    }

    private Endpoint endpoint(Request request) {
        return endpoints.get(request.project(), request.branch(), id(request));
    }

    private static String id(Request request) {
        return request.path("endpoint_id");
    }
}
