package dev.espalier.engine;

import dev.espalier.postgres.Identifiers;
import dev.espalier.postgres.SqlState;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * What a cluster holds for another one that is fed by it, beside the slot: a publication, and a role of the same name that may read
 * the tables that are published and no more. Both have names that begin with {@link #PREFIX}.
 */
public final class FeedAccess {

    public static final String PREFIX = "espalier_mirror_";

    private FeedAccess() {}

    /** Takes the publication out of the session's database, and from the role what it may there. Not by DROP OWNED, which migrations are. */
    public static void withdraw(Connection session, String name) throws SQLException {
        List<String> statements = new ArrayList<>();
        statements.add("DROP PUBLICATION IF EXISTS " + Identifiers.quoted(name));
        try (var query = session.prepareStatement("""
                SELECT concat('REVOKE ALL ON ', CASE d.classid
                           WHEN 'pg_class'::regclass THEN 'TABLE '
                           WHEN 'pg_namespace'::regclass THEN 'SCHEMA '
                           ELSE 'DATABASE '
                       END, string_agg(DISTINCT CASE d.classid
                           WHEN 'pg_class'::regclass THEN d.objid::regclass::text
                           WHEN 'pg_namespace'::regclass THEN d.objid::regnamespace::text
                           ELSE quote_ident(current_database())
                       END, ', '), ' FROM ', quote_ident(r.rolname))
                FROM pg_shdepend d
                JOIN pg_roles r ON r.oid = d.refobjid AND d.refclassid = 'pg_authid'::regclass
                JOIN pg_database b ON b.datname = current_database()
                WHERE r.rolname = ? AND d.deptype = 'a'
                  AND ((d.dbid = b.oid AND d.classid IN ('pg_class'::regclass, 'pg_namespace'::regclass))
                       OR (d.classid = 'pg_database'::regclass AND d.objid = b.oid))
                GROUP BY d.classid, r.rolname
                """)) {
            query.setString(1, name);
            try (var rows = query.executeQuery()) {
                while (rows.next()) {
                    statements.add(rows.getString(1));
                }
            }
        }
        try (var statement = session.createStatement()) {
            statement.setEscapeProcessing(false);
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    /** Drops the role, when nothing is published any more. One that users have given something to stays, and cannot sign in. */
    public static void dropRole(Connection session, String name) throws SQLException {
        try (var statement = session.createStatement()) {
            try {
                statement.execute("DROP ROLE IF EXISTS " + Identifiers.quoted(name));
            } catch (SQLException e) {
                if (!SqlState.of(e).equals(SqlState.DEPENDENT_OBJECTS_STILL_EXIST)) {
                    throw e;
                }
                statement.execute("ALTER ROLE " + Identifiers.quoted(name) + " NOLOGIN NOREPLICATION NOBYPASSRLS");
            }
        }
    }
}
