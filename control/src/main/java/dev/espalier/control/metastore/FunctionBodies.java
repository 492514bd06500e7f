package dev.espalier.control.metastore;

import dev.espalier.identity.Principal;
import java.sql.Connection;
import java.sql.SQLException;
import org.jdbi.v3.core.Handle;

/** Of which functions in a database on a branch a principal may see what they do, as the catalog shows it. */
public final class FunctionBodies {

    private final Principal who;
    private final Rights rights;

    private FunctionBodies(Principal who, Rights rights) {
        this.who = who;
        this.rights = rights;
    }

    /**
     * @param catalog under rules
     * @param session in its database on a branch, of the superuser
     */
    public static FunctionBodies of(Handle handle, Principal who, Catalog catalog, Connection session)
            throws SQLException {
        return new FunctionBodies(
                who, new Rights(catalog, LiveCatalogReader.read(session), GrantTable.of(handle, catalog)));
    }

    /** @param owner name of the role that owns it */
    public boolean shows(String schema, String function, String owner) {
        return rights.seesBody(who, schema, function, owner);
    }
}
