package dev.espalier.governance;

import dev.espalier.control.Sight;
import dev.espalier.control.Sight.View;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads from a database what a principal finds in the place of its tables. */
final class SightReader {

    private SightReader() {}

    static Sight read(Connection session, String principal) throws SQLException {
        boolean bound = false;
        String profile = "";
        List<View> views = new ArrayList<>();
        try (var query = session.prepareStatement("""
                SELECT p.bound, p.profile, n.nspname, c.relname, vn.nspname, wn.nspname
                FROM espalier_governance.subject s
                JOIN espalier_governance.profile p ON p.profile = s.profile
                LEFT JOIN espalier_governance.compiled m ON m.profile = s.profile
                LEFT JOIN pg_catalog.pg_class c ON c.oid = m.relid
                LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                LEFT JOIN pg_catalog.pg_class v ON v.oid = m.view
                LEFT JOIN pg_catalog.pg_namespace vn ON vn.oid = v.relnamespace
                LEFT JOIN pg_catalog.pg_class w ON w.oid = m.write_view
                LEFT JOIN pg_catalog.pg_namespace wn ON wn.oid = w.relnamespace
                WHERE s.principal = ?
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
                                Optional.ofNullable(rows.getString(6))));
                    }
                }
            }
        }
        return new Sight(bound, profile, views);
    }
}
