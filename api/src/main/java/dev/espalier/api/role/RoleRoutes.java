package dev.espalier.api.role;

import static dev.espalier.api.http.QueryParameter.PAGE_SIZE;
import static dev.espalier.api.http.QueryParameter.PAGE_TOKEN;
import static dev.espalier.api.http.QueryParameter.REPLACE_EXISTING;
import static dev.espalier.api.http.QueryParameter.UPDATE_MASK;

import dev.espalier.api.http.QueryParameter;
import dev.espalier.api.http.Request;
import dev.espalier.api.http.Route;
import dev.espalier.api.operation.OperationResource;
import dev.espalier.api.operation.OperationResources;
import dev.espalier.api.wire.UpdateMask;
import dev.espalier.control.Role;
import dev.espalier.control.Roles;
import dev.espalier.control.request.ResourceId;
import java.util.List;

/** The methods for roles. */
public final class RoleRoutes {

    private static final String ALL = Route.ROOT + "/projects/{project_id}/branches/{branch_id}/roles";
    private static final String ONE = ALL + "/{role_id}";
    private static final QueryParameter ROLE_ID =
            QueryParameter.optional("role_id", "Id of the new role; made from spec.postgres_role where not given.");
    private static final QueryParameter REASSIGN_OWNED_TO = QueryParameter.optional(
            "reassign_owned_to", "The role that gets what this one owns, by its id or full name.");

    private final Roles roles;
    private final OperationResources operations;

    public RoleRoutes(Roles roles, OperationResources operations) {
        this.roles = roles;
        this.operations = operations;
    }

    public List<Route> routes() {
        return List.of(
                Route.post(ALL, "createRole", "Makes a role.", OperationResource.class, this::create)
                        .query(ROLE_ID, REPLACE_EXISTING)
                        .body(RoleRequest.class),
                Route.get(ONE, "getRole", "Shows a role.", RoleResource.class, this::get),
                Route.get(ALL, "listRoles", "Lists a branch's roles.", RoleList.class, this::list)
                        .query(PAGE_SIZE, PAGE_TOKEN),
                Route.patch(ONE, "updateRole", "Changes a role.", OperationResource.class, this::update)
                        .query(UPDATE_MASK)
                        .body(RoleRequest.class),
                Route.delete(ONE, "deleteRole", "Drops a role.", OperationResource.class, this::delete)
                        .query(REASSIGN_OWNED_TO));
    }

    private Object create(Request request) {
        RoleRequest wanted = request.body(RoleRequest.class);
        String roleId = request.query(ROLE_ID.name())
                .or(() -> wanted.postgresRole().map(ResourceId::from))
                .orElseGet(() -> request.required(ROLE_ID.name()));
        return operations.of(roles.create(
                request.caller(),
                request.project(),
                request.branch(),
                roleId,
                wanted.toNew(),
                request.flag(REPLACE_EXISTING.name())));
    }

    private Object get(Request request) {
        return RoleResource.of(role(request));
    }

    private Object list(Request request) {
        return RoleList.of(roles.list(request.project(), request.branch(), request.pageSize(), request.pageToken()));
    }

    private Object update(Request request) {
        UpdateMask mask = UpdateMask.parse(request.query(UPDATE_MASK.name()), RoleRequest.FIELDS);
        return operations.of(roles.update(
                request.caller(),
                request.project(),
                request.branch(),
                id(request),
                request.body(RoleRequest.class).toChange(mask, role(request))));
    }

    private Object delete(Request request) {
        return operations.of(roles.delete(
                request.caller(),
                request.project(),
                request.branch(),
                id(request),
                request.query(REASSIGN_OWNED_TO.name())));
    }

    private Role role(Request request) {
        return roles.get(request.project(), request.branch(), id(request));
    }

    private static String id(Request request) {
        return request.path("role_id");
    }
}
