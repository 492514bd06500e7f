package dev.espalier.control.metastore;

import dev.espalier.identity.Principal;
import java.util.List;
import java.util.Set;
import org.jdbi.v3.core.Handle;

/** Rows of {@code control.privilege}. */
final class GrantTable {

    private GrantTable() {}

    /** All that is given on the catalog and what lies in it. */
    static List<Grant> of(Handle handle, Catalog catalog) {
        return handle.select("""
                        SELECT g.type, g.schema_name, g.object_name, coalesce(p.name, ?) AS principal, g.privilege, g.not_on
                        FROM control.privilege g
                        LEFT JOIN control.principal p ON p.id = g.principal_id
                        WHERE g.catalog_uid = ?
                        ORDER BY principal, g.privilege
                        """, Subject.EVERYONE, catalog.uid())
                .map((row, context) -> new Grant(
                        new Securable(
                                SecurableType.valueOf(row.getString("type")),
                                SecurableNames.of(
                                        catalog.name(), row.getString("schema_name"), row.getString("object_name"))),
                        row.getString("principal"),
                        Privilege.valueOf(row.getString("privilege")),
                        Set.of((Long[]) row.getArray("not_on").getArray())))
                .list();
    }

    /** @param notOn numbers of the tables that it is not on, unless it was given on them before */
    static void give(
            Handle handle,
            Catalog catalog,
            Securable on,
            PrincipalNames.Named principal,
            Privilege privilege,
            Principal giver,
            Set<Long> notOn) {
        handle.execute(
                """
                INSERT INTO control.privilege AS g VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (catalog_uid, type, schema_name, object_name, principal_id, privilege)
                DO UPDATE SET not_on = ARRAY(SELECT unnest(g.not_on) INTERSECT SELECT unnest(excluded.not_on))
                """,
                catalog.uid(),
                on.type().name(),
                SecurableNames.schema(on.name()),
                SecurableNames.object(on.name()),
                principal.id().orElse(null),
                privilege.name(),
                giver.name(),
                notOn.toArray(Long[]::new));
    }

    static void take(
            Handle handle, Catalog catalog, Securable on, PrincipalNames.Named principal, Privilege privilege) {
        handle.execute(
                """
                DELETE FROM control.privilege
                WHERE catalog_uid = ? AND type = ? AND schema_name = ? AND object_name = ?
                  AND principal_id IS NOT DISTINCT FROM ?::bigint AND privilege = ?
                """,
                catalog.uid(),
                on.type().name(),
                SecurableNames.schema(on.name()),
                SecurableNames.object(on.name()),
                principal.id().orElse(null),
                privilege.name());
    }
}
