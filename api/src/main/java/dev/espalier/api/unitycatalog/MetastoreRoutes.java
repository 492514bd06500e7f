package dev.espalier.api.unitycatalog;

import dev.espalier.api.http.Request;
import dev.espalier.api.http.Route;
import dev.espalier.control.metastore.Catalogs;
import java.util.List;

/** The methods for the metastore, of which there is one. */
public final class MetastoreRoutes {

    private final Catalogs catalogs;
    private final String workspaceId;

    /** @param workspaceId of the one workspace */
    public MetastoreRoutes(Catalogs catalogs, String workspaceId) {
        this.catalogs = catalogs;
        this.workspaceId = workspaceId;
    }

    public List<Route> routes() {
        return List.of(
                Route.get(
                                UnityCatalog.ROOT + "/metastore_summary",
                                "getMetastoreSummary",
                                "Shows the metastore.",
                                MetastoreResource.class,
                                this::summary)
                        .forSignedIn(),
                Route.get(
                                UnityCatalog.ROOT + "/current-metastore-assignment",
                                "getCurrentMetastoreAssignment",
                                "Shows which metastore the workspace has.",
                                MetastoreAssignmentResource.class,
                                this::assignment)
                        .forSignedIn());
    }

    private Object summary(Request request) {
        return MetastoreResource.of(catalogs.metastoreId());
    }

    private Object assignment(Request request) {
        return new MetastoreAssignmentResource(catalogs.metastoreId(), workspaceId);
    }
}
