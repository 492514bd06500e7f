package dev.espalier.control;

import dev.espalier.postgres.Identifiers;
import java.sql.Array;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** The roles of principals on a branch: they have what the project's list and the policies give, whatever was given by SQL. */
final class PrincipalRoles {

    private PrincipalRoles() {}

    /** Takes from the roles that are there, of these principals, what would let them see more than policies show them. */
    static void confine(Connection session, Set<String> principals) throws SQLException {
        List<String> strong = new ArrayList<>();
        try (var query = session.prepareStatement("""
                SELECT r.rolname
                FROM pg_roles r
                WHERE r.rolname = ANY (?)
                  AND (r.rolcreatedb OR r.rolcreaterole OR r.rolbypassrls OR pg_has_role(r.oid, ?, 'MEMBER'))
                """)) {
            query.setArray(1, session.createArrayOf("text", principals.toArray()));
            query.setString(2, Role.SUPERUSER);
            try (var rows = query.executeQuery()) {
                while (rows.next()) {
                    strong.add(rows.getString(1));
                }
            }
        }
        for (String role : strong) {
            prepare(session, role, false);
        }
    }

    private static List<String> texts(Array array) throws SQLException {
        return Stream.of((Object[]) array.getArray()).map(String::valueOf).toList();
    }

    /**
     * Makes the role as its principal's sign-in needs it.
     *
     * @param manages whether he may do everything on the branch
     */
    static void prepare(Connection session, String role, boolean manages) throws SQLException {
        try (var query = session.prepareStatement("""
                SELECT rolcanlogin AND rolcreatedb = ? AND (? OR NOT (rolcreaterole OR rolbypassrls)),
                       ARRAY(SELECT g.rolname
                             FROM pg_auth_members m
                             JOIN pg_roles g ON g.oid = m.roleid
                             WHERE m.member = r.oid AND pg_has_role(g.oid, ?, 'MEMBER')) AS groups,
                       ARRAY(SELECT o.rolname
                             FROM pg_auth_members m
                             JOIN pg_roles o ON o.oid = m.member
                             WHERE m.roleid = r.oid) AS others
                FROM pg_roles r
                WHERE rolname = ?
                """)) {
            query.setBoolean(1, manages);
            query.setBoolean(2, manages);
            query.setString(3, Role.SUPERUSER);
            query.setString(4, role);
            boolean there;
            boolean attributes = false;
            List<String> groups = List.of();
            List<String> others = List.of();
            try (var rows = query.executeQuery()) {
                there = rows.next();
                if (there) {
                    attributes = rows.getBoolean(1);
                    groups = texts(rows.getArray(2));
                    others = texts(rows.getArray(3));
                }
            }
            try (var statement = session.createStatement()) {
                String quoted = Identifiers.quoted(role);
                if (!attributes) {
                    statement.execute((there ? "ALTER ROLE " : "CREATE ROLE ") + quoted + " LOGIN "
                            + (manages ? "CREATEDB" : "NOCREATEDB NOCREATEROLE NOBYPASSRLS"));
                }
                if (manages && !groups.contains(Role.SUPERUSER)) {
                    statement.execute("GRANT " + Role.SUPERUSER + " TO " + quoted);
                }
                if (!manages) {
                    for (RoleChanges.Membership membership : RoleChanges.memberships(session, role)) {
                        if (groups.contains(membership.group())) {
                            RoleChanges.revoke(
                                    session,
                                    membership,
                                    role,
                                    session.getMetaData().getDatabaseMajorVersion());
                        }
                    }
                }
                // Nobody else is him: whoever made the role before he came may be a member of it.
                for (String other : others) {
                    statement.execute("REVOKE " + quoted + " FROM " + Identifiers.quoted(other) + " CASCADE");
                }
            }
        }
    }
}
