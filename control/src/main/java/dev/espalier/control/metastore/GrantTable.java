package dev.espalier.control.metastore;

import dev.espalier.identity.Principal;
import java.util.List;
import org.jdbi.v3.core.Handle;

/** Rows of {@code control.privilege}. */
final class GrantTable {

    private GrantTable() {}

    /** All that is given on the catalog and what lies in it. */
    static List<Grant> of(Handle handle, Catalog catalog) {
        return handle.select("""
                        SELECT g.type, g.schema_name, g.object_name, coalesce(p.name, ?) AS principal, g.privilege
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
                        Privilege.valueOf(row.getString("privilege"))))
                .list();
    }

    static void give(
            Handle handle,
            Catalog catalog,
            Securable on,
            PrincipalNames.Named principal,
            Privilege privilege,
            Principal giver) {
        handle.execute(
                "INSERT INTO control.privilege VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                catalog.uid(),
                on.type().name(),
                SecurableNames.schema(on.name()),
                SecurableNames.object(on.name()),
                principal.id().orElse(null),
                privilege.name(),
                giver.name());
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
