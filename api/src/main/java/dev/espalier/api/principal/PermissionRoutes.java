package dev.espalier.api.principal;

import dev.espalier.api.http.QueryParameter;
import dev.espalier.api.http.Request;
import dev.espalier.api.http.Route;
import dev.espalier.control.AccessLists;
import dev.espalier.control.metastore.Changed;
import java.util.List;
import java.util.Optional;

/** The methods for a project's access list, in the shape of Databricks' permissions API. */
public final class PermissionRoutes {

    private static final String LIST = "/api/2.0/permissions/database-projects/{project_id}";
    private static final QueryParameter PRINCIPAL = QueryParameter.required(
            "principal", "Whom to take off the list: a user's, service principal's or group's name, or a client id.");

    private final AccessLists access;

    public PermissionRoutes(AccessLists access) {
        this.access = access;
    }

    public List<Route> routes() {
        return List.of(
                Route.get(
                        LIST,
                        "getProjectPermissions",
                        "Shows who may use a project.",
                        PermissionsResource.class,
                        this::get),
                Route.get(
                        LIST + "/permissionLevels",
                        "getProjectPermissionLevels",
                        "Lists what can be given on a project.",
                        PermissionLevels.class,
                        request -> PermissionLevels.all()),
                Route.patch(
                                LIST,
                                "updateProjectPermissions",
                                "Adds to who may use a project.",
                                PermissionsResource.class,
                                request -> change(request, false))
                        .body(PermissionsRequest.class),
                Route.put(
                                LIST,
                                "setProjectPermissions",
                                "Replaces who may use a project.",
                                PermissionsResource.class,
                                request -> change(request, true))
                        .body(PermissionsRequest.class),
                Route.delete(
                                LIST,
                                "deleteProjectPermission",
                                "Takes one principal off who may use a project.",
                                PermissionsResource.class,
                                this::revoke)
                        .query(PRINCIPAL));
    }

    private Object get(Request request) {
        return PermissionsResource.of(request.project(), access.of(request.project()), Optional.empty());
    }

    private Object change(Request request, boolean replace) {
        return answer(
                request,
                access.change(
                        request.principal(),
                        request.project(),
                        request.body(PermissionsRequest.class).wanted(),
                        replace));
    }

    private Object revoke(Request request) {
        return answer(
                request, access.revoke(request.principal(), request.project(), request.required(PRINCIPAL.name())));
    }

    private static Object answer(Request request, Changed<List<AccessLists.Entry>> changed) {
        request.changed(
                changed.before().map(list -> PermissionsResource.of(request.project(), list, Optional.empty())),
                changed.after().map(list -> PermissionsResource.of(request.project(), list, Optional.empty())));
        request.warned(changed.warnings());
        return PermissionsResource.of(
                request.project(), changed.after().orElseThrow(), Optional.of(changed.warnings()));
    }
}
