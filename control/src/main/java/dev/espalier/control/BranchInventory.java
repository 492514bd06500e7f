package dev.espalier.control;

import dev.espalier.control.metastore.Catalog;
import dev.espalier.control.metastore.Inventory;
import dev.espalier.control.metastore.LiveCatalog;
import dev.espalier.control.metastore.LiveCatalogReader;
import java.sql.SQLException;
import org.jdbi.v3.core.Jdbi;

/** Reads what lies in a catalog from its project's default branch. */
final class BranchInventory implements Inventory {

    /** SQLSTATE invalid_catalog_name. */
    private static final String NO_DATABASE = "3D000";

    private final Jdbi jdbi;
    private final BranchSessions sessions;

    BranchInventory(Jdbi jdbi, BranchSessions sessions) {
        this.jdbi = jdbi;
        this.sessions = sessions;
    }

    @Override
    public LiveCatalog of(Catalog catalog) {
        Branch branch = jdbi.withHandle(handle -> ProjectTable.byUid(handle, catalog.projectUid())
                .flatMap(Project::defaultBranchUid)
                .flatMap(uid -> BranchTable.byUid(handle, uid))
                .orElseThrow(() -> Finder.noProject(catalog.projectId())));
        try {
            return sessions.with(branch, catalog.database(), LiveCatalogReader::read);
        } catch (ControlException e) {
            if (e.getCause() instanceof SQLException cause && NO_DATABASE.equals(cause.getSQLState())) {
                return LiveCatalog.EMPTY;
            }
            throw e;
        }
    }
}
