package dev.espalier.api.branch;

import dev.espalier.api.http.QueryParameter;
import dev.espalier.api.http.Request;
import dev.espalier.api.http.Route;
import dev.espalier.control.AccessLists;
import dev.espalier.control.BranchInsight;
import java.util.List;
import java.util.Optional;

/** The methods that tell more of a branch than what it is. */
public final class BranchInsightRoutes {

    private static final QueryParameter AGAINST =
            QueryParameter.required("against", "The other branch, by its id or full name.");
    private static final QueryParameter DATABASE =
            QueryParameter.optional("database", "Name of one database in PostgreSQL; all where not given.");

    private final BranchInsight insight;
    private final AccessLists access;

    public BranchInsightRoutes(BranchInsight insight, AccessLists access) {
        this.insight = insight;
        this.access = access;
    }

    public List<Route> routes() {
        return List.of(
                Route.get(
                                BranchRoutes.ONE + "/schema_diff",
                                "getSchemaDiff",
                                "What turns the schemas of another branch into this one's.",
                                SchemaDiffResource.class,
                                this::schemaDiff)
                        .query(AGAINST, DATABASE),
                Route.get(
                        BranchRoutes.ONE + "/storage",
                        "getBranchStorage",
                        "What a branch occupies.",
                        StorageResource.class,
                        this::storage),
                Route.get(
                        BranchRoutes.ONE + "/history",
                        "getBranchHistory",
                        "The window within which a branch can be rewound.",
                        HistoryResource.class,
                        this::history));
    }

    private Object schemaDiff(Request request) {
        String against = BranchReference.id(AGAINST.name(), request.required(AGAINST.name()), request.project());
        Optional<String> database = request.query(DATABASE.name());
        for (String branch : List.of(request.branch(), against)) {
            access.requireUseOfBranch(request.principal(), request.project(), branch, database);
        }
        return SchemaDiffResource.of(
                insight.schemaDiff(request.principal(), request.project(), request.branch(), against, database));
    }

    private Object storage(Request request) {
        return StorageResource.of(insight.storage(request.project(), request.branch()));
    }

    private Object history(Request request) {
        return HistoryResource.of(insight.history(request.project(), request.branch()));
    }
}
