package dev.espalier.api.project;

import static dev.espalier.api.http.QueryParameter.PAGE_SIZE;
import static dev.espalier.api.http.QueryParameter.PAGE_TOKEN;
import static dev.espalier.api.http.QueryParameter.PURGE;
import static dev.espalier.api.http.QueryParameter.SHOW_DELETED;
import static dev.espalier.api.http.QueryParameter.UPDATE_MASK;

import dev.espalier.api.http.QueryParameter;
import dev.espalier.api.http.Request;
import dev.espalier.api.http.Route;
import dev.espalier.api.operation.OperationResource;
import dev.espalier.api.operation.OperationResources;
import dev.espalier.api.wire.NoFields;
import dev.espalier.api.wire.UpdateMask;
import dev.espalier.control.Project;
import dev.espalier.control.Projects;
import dev.espalier.control.request.Page;
import java.util.List;

/** The methods for projects. */
public final class ProjectRoutes {

    private static final String ALL = Route.ROOT + "/projects";
    private static final String ONE = ALL + "/{project_id}";
    private static final QueryParameter PROJECT_ID = QueryParameter.required("project_id", "Id of the new project.");

    private final Projects projects;
    private final ProjectResources resources;
    private final OperationResources operations;

    public ProjectRoutes(Projects projects, ProjectResources resources, OperationResources operations) {
        this.projects = projects;
        this.resources = resources;
        this.operations = operations;
    }

    public List<Route> routes() {
        return List.of(
                Route.post(
                                ALL,
                                "createProject",
                                "Makes a project with its first branch, endpoint and database.",
                                OperationResource.class,
                                this::create)
                        .query(PROJECT_ID)
                        .body(ProjectRequest.class),
                Route.get(ONE, "getProject", "Shows a project.", ProjectResource.class, this::get),
                Route.get(
                                ALL,
                                "listProjects",
                                "Lists the projects that the caller may use.",
                                ProjectList.class,
                                this::list)
                        .query(PAGE_SIZE, PAGE_TOKEN, SHOW_DELETED)
                        .forSignedIn(),
                Route.patch(ONE, "updateProject", "Changes a project.", OperationResource.class, this::update)
                        .query(UPDATE_MASK)
                        .body(ProjectRequest.class),
                Route.delete(
                                ONE,
                                "deleteProject",
                                "Deletes a project with all its branches.",
                                OperationResource.class,
                                this::delete)
                        .query(PURGE),
                Route.post(
                                ONE + "/undelete",
                                "undeleteProject",
                                "Brings a deleted project back.",
                                OperationResource.class,
                                this::undelete)
                        .body(NoFields.class));
    }

    private Object create(Request request) {
        String projectId = request.required(PROJECT_ID.name());
        return operations.of(projects.create(
                request.caller(), projectId, request.body(ProjectRequest.class).toNew(projectId)));
    }

    private Object get(Request request) {
        return resources.of(projects.get(request.project()));
    }

    private Object list(Request request) {
        Page<Project> page = projects.list(
                request.principal(), request.pageSize(), request.pageToken(), request.flag(SHOW_DELETED.name()));
        return new ProjectList(page.items().stream().map(resources::of).toList(), page.nextToken());
    }

    private Object update(Request request) {
        UpdateMask mask = UpdateMask.parse(request.query(UPDATE_MASK.name()), ProjectRequest.FIELDS);
        Project now = projects.get(request.project());
        return operations.of(projects.update(
                request.caller(),
                request.project(),
                request.body(ProjectRequest.class).toChange(mask, now)));
    }

    private Object delete(Request request) {
        return operations.of(projects.delete(request.caller(), request.project(), request.flag(PURGE.name())));
    }

    private Object undelete(Request request) {
        request.body(NoFields.class);
        return operations.of(projects.undelete(request.caller(), request.project()));
    }
}
