package dev.espalier.governance;

import dev.espalier.control.admission.Sight;
import dev.espalier.control.admission.Sight.View;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads from a database what a principal finds in the place of its tables. */
final class SightReader {

    private SightReader() {}

    static Sight read(Connection session, String principal) throws SQLException {
        boolean bound = false;
        String profile = "";
        List<View> views = new ArrayList<>();
        try (var query = session.prepareStatement("""
                WITH own AS (
                    SELECT s.principal, p.bound, p.profile, r.oid AS role
                    FROM espalier_governance.subject s
                    JOIN espalier_governance.profile p ON p.profile = s.profile
                    LEFT JOIN pg_catalog.pg_roles r ON r.rolname = s.principal
                    WHERE s.principal = ?
                ), path AS MATERIALIZED (
                    SELECT n.oid, u.ord
                    FROM own s
                    CROSS JOIN LATERAL pg_catalog.regexp_matches(
                        espalier_governance.path_of(s.principal, s.profile),
                        '"(?:[^"]|"")*"|[^,"\\s]+', 'g') WITH ORDINALITY u (part, ord)
                    JOIN pg_catalog.pg_namespace n ON n.nspname = CASE
                        WHEN u.part[1] = '"$user"' THEN s.principal::text
                        WHEN u.part[1] LIKE '"%' THEN replace(substr(u.part[1], 2, length(u.part[1]) - 2), '""', '"')
                        ELSE u.part[1]
                    END
                    WHERE pg_catalog.has_schema_privilege(s.role, n.oid, 'USAGE')
                )
                SELECT s.bound, s.profile, n.nspname, c.relname, vn.nspname, wn.nspname,
                       v.oid IS NOT DISTINCT FROM (
                           SELECT o.oid FROM path JOIN pg_catalog.pg_class o ON o.relnamespace = path.oid
                           WHERE o.relname = c.relname ORDER BY path.ord LIMIT 1)
                FROM own s
                LEFT JOIN espalier_governance.compiled m ON m.profile = s.profile
                LEFT JOIN pg_catalog.pg_class c ON c.oid = m.relid
                LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                LEFT JOIN pg_catalog.pg_class v ON v.oid = m.view
                LEFT JOIN pg_catalog.pg_namespace vn ON vn.oid = v.relnamespace
                LEFT JOIN pg_catalog.pg_class w ON w.oid = m.write_view
                LEFT JOIN pg_catalog.pg_namespace wn ON wn.oid = w.relnamespace
                ORDER BY n.nspname, c.relname
                """)) {
            query.setString(1, principal);
            try (var rows = query.executeQuery()) {
                while (rows.next()) {
                    bound = rows.getBoolean(1);
                    profile = rows.getString(2);
                    if (rows.getString(5) != null) {
                        views.add(new View(
                                rows.getString(3),
                                rows.getString(4),
                                rows.getString(5),
                                Optional.ofNullable(rows.getString(6)),
                                rows.getBoolean(7)));
                    }
                }
            }
        }
        return new Sight(bound, profile, views, bound ? viewSchemas(session, profile) : Map.of());
    }

    private static Map<String, String> viewSchemas(Connection session, String profile) throws SQLException {
        Map<String, String> schemas = new HashMap<>();
        try (var query = session.prepareStatement("""
                SELECT n.nspname, espalier_governance.view_schema_name(n.nspname, ?, false)
                FROM espalier_governance.governed_schema n
                """)) {
            query.setString(1, profile);
            try (var rows = query.executeQuery()) {
                while (rows.next()) {
                    schemas.put(rows.getString(1), rows.getString(2));
                }
            }
        }
        return schemas;
    }
}
