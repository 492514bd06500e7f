package dev.espalier.governance;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** What PostgreSQL did not take of a frame, as it stands in the database: it is shown to nobody. And what is worth knowing besides. */
final class UncompiledParts {

    private UncompiledParts() {}

    static List<String> warnings(Connection session) throws SQLException {
        List<String> warnings = new ArrayList<>();
        try (var statement = session.createStatement();
                var rows = statement.executeQuery(
                        "SELECT principal, reason FROM espalier_governance.shut_out ORDER BY 1")) {
            while (rows.next()) {
                warnings.add("Shut out: " + rows.getString(1) + ", because " + rows.getString(2) + ".");
            }
        }
        try (var statement = session.createStatement();
                var rows = statement.executeQuery("""
                        SELECT format('%I.%I', n.nspname, c.relname), min(f.message)
                        FROM espalier_governance.failure f
                        JOIN pg_catalog.pg_class c ON c.oid = f.relid
                        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                        GROUP BY 1 ORDER BY 1
                        """)) {
            while (rows.next()) {
                warnings.add("Closed to some: " + rows.getString(1) + ", because " + rows.getString(2) + ".");
            }
        }
        try (var statement = session.createStatement();
                var rows = statement.executeQuery("""
                        SELECT DISTINCT format('%I.%I: %s', n.nspname, c.relname, o.message)
                        FROM espalier_governance.note o
                        JOIN pg_catalog.pg_class c ON c.oid = o.relid
                        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                        ORDER BY 1
                        """)) {
            while (rows.next()) {
                warnings.add(rows.getString(1) + ".");
            }
        }
        return warnings;
    }
}
