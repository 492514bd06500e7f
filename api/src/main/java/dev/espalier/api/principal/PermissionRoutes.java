package dev.espalier.api.principal;

import dev.espalier.api.http.Request;
import dev.espalier.api.http.Route;
import dev.espalier.control.AccessLists;
import java.util.List;
import java.util.Optional;

/** The methods for a project's access list, in the shape of Databricks' permissions API. */
public final class PermissionRoutes {

    private static final String LIST = "/api/2.0/permissions/database-projects/{project_id}";

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
                        .body(PermissionsRequest.class));
    }

    private Object get(Request request) {
        return PermissionsResource.of(request.project(), access.of(request.project()));
    }

    private Object change(Request request, boolean replace) {
        Object before = get(request);
        Object after = PermissionsResource.of(
                request.project(),
                access.change(
                        request.principal(),
                        request.project(),
                        request.body(PermissionsRequest.class).wanted(),
                        replace));
        request.changed(Optional.of(before), Optional.of(after));
        return after;
    }
}
