package dev.espalier.api.database;

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
import dev.espalier.control.Databases;
import dev.espalier.control.request.ResourceId;
import java.util.List;

/** The methods for databases. */
public final class DatabaseRoutes {

    private static final String ALL = Route.ROOT + "/projects/{project_id}/branches/{branch_id}/databases";
    private static final String ONE = ALL + "/{database_id}";
    private static final QueryParameter DATABASE_ID = QueryParameter.optional(
            "database_id", "Id of the new database; made from spec.postgres_database where not given.");

    private final Databases databases;
    private final OperationResources operations;

    public DatabaseRoutes(Databases databases, OperationResources operations) {
        this.databases = databases;
        this.operations = operations;
    }

    public List<Route> routes() {
        return List.of(
                Route.post(ALL, "createDatabase", "Makes an empty database.", OperationResource.class, this::create)
                        .query(DATABASE_ID, REPLACE_EXISTING)
                        .body(DatabaseRequest.class),
                Route.get(ONE, "getDatabase", "Shows a database.", DatabaseResource.class, this::get),
                Route.get(ALL, "listDatabases", "Lists a branch's databases.", DatabaseList.class, this::list)
                        .query(PAGE_SIZE, PAGE_TOKEN),
                Route.patch(
                                ONE,
                                "updateDatabase",
                                "Renames a database or changes its owner.",
                                OperationResource.class,
                                this::update)
                        .query(UPDATE_MASK)
                        .body(DatabaseRequest.class),
                Route.delete(
                        ONE,
                        "deleteDatabase",
                        "Drops a database; its sessions end.",
                        OperationResource.class,
                        this::delete));
    }

    private Object create(Request request) {
        DatabaseRequest wanted = request.body(DatabaseRequest.class);
        String databaseId = request.query(DATABASE_ID.name())
                .or(() -> wanted.postgresDatabase().map(ResourceId::from))
                .orElseGet(() -> request.required(DATABASE_ID.name()));
        return operations.of(databases.create(
                request.caller(),
                request.project(),
                request.branch(),
                databaseId,
                wanted.postgresDatabase(),
                wanted.role(),
                request.flag(REPLACE_EXISTING.name())));
    }

    private Object get(Request request) {
        return DatabaseResource.of(databases.get(request.project(), request.branch(), id(request)));
    }

    private Object list(Request request) {
        return DatabaseList.of(
                databases.list(request.project(), request.branch(), request.pageSize(), request.pageToken()));
    }

    private Object update(Request request) {
        UpdateMask mask = UpdateMask.parse(request.query(UPDATE_MASK.name()), DatabaseRequest.FIELDS);
        DatabaseRequest wanted = request.body(DatabaseRequest.class);
        return operations.of(databases.update(
                request.caller(),
                request.project(),
                request.branch(),
                id(request),
                wanted.postgresDatabase(mask),
                wanted.role(mask)));
    }

    private Object delete(Request request) {
        return operations.of(databases.delete(request.caller(), request.project(), request.branch(), id(request)));
    }

    private static String id(Request request) {
        return request.path("database_id");
    }
}
