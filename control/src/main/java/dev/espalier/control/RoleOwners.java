package dev.espalier.control;

import static dev.espalier.postgres.Identifiers.quoted;

import dev.espalier.control.metastore.Delegations;
import dev.espalier.postgres.Transactions;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Whose the roles on a branch are. It is recorded inside the branch, so that it goes with the data wherever these are copied or
 * rewound. A role of which nothing is recorded, since SQL made it, is that of the first who signs in with its name.
 */
final class RoleOwners {

    /** Kind of these among the resources that a cluster has on record: whose by id, which role by name. */
    static final String KIND = "principal";

    /** Bytes of a name; of a longer one PostgreSQL would drop the end. */
    private static final int LONGEST_NAME = 63;

    /** As much of an owner's id, an agent's without its principal's, as tells him apart from those who had his name before. */
    private static final int ID_SHOWN = 8;

    private RoleOwners() {}

    /**
     * Makes sure that the role, if it is there, is nobody else's. That of who had the name before is set aside, where nobody can
     * sign in with it: what it owns and what was granted to it stays with it.
     *
     * @param session of the superuser, with autocommit; left as it was
     */
    static void claim(Connection session, String role, RoleOwner owner) throws SQLException {
        Optional<String> wanted = Optional.of(owner.id());
        if (recorded(session, role, "").equals(wanted)) {
            return;
        }
        Transactions.commit(session, () -> {
            // Somebody else may be doing the same.
            Optional<String> recorded = recorded(session, role, "FOR UPDATE");
            if (!recorded.equals(wanted)) {
                boolean isAnothers = recorded.isPresent() && exists(session, role);
                String aside = isAnothers ? setAside(session, role, recorded.get()) : "";
                record(session, role, owner);
                if (isAnothers) {
                    // Nobody takes it by getting that name.
                    record(session, aside, recorded.get());
                }
            }
        });
    }

    /** Records whose the role is from now on. */
    static void record(Connection session, String role, RoleOwner owner) throws SQLException {
        record(session, role, owner.id());
    }

    /** The role is nobody's: that of the first who signs in with its name. */
    static void forget(Connection session, String role) throws SQLException {
        ResourceIds.forget(session, KIND, role);
    }

    private static void record(Connection session, String role, String owner) throws SQLException {
        try (var insert = session.prepareStatement("""
                INSERT INTO espalier.resource (kind, id, name) VALUES (?, ?, ?)
                ON CONFLICT (kind, name) DO UPDATE SET id = EXCLUDED.id
                """)) {
            insert.setString(1, KIND);
            insert.setString(2, owner);
            insert.setString(3, role);
            insert.executeUpdate();
        }
    }

    /** Statements that record the same in another cluster. */
    static List<String> statements(Connection session) throws SQLException {
        List<String> statements = new ArrayList<>();
        try (var query = session.prepareStatement("""
                SELECT format('INSERT INTO espalier.resource (kind, id, name) VALUES (%L, %L, %L)', kind, id, name)
                FROM espalier.resource
                WHERE kind = ?
                """)) {
            query.setString(1, KIND);
            try (var rows = query.executeQuery()) {
                while (rows.next()) {
                    statements.add(rows.getString(1));
                }
            }
        }
        return statements;
    }

    /** Names of all roles of which it is recorded whose they are. */
    static Set<String> recorded(Connection session) throws SQLException {
        Set<String> roles = new HashSet<>();
        try (var query = session.prepareStatement("SELECT name FROM espalier.resource WHERE kind = ?")) {
            query.setString(1, KIND);
            try (var rows = query.executeQuery()) {
                while (rows.next()) {
                    roles.add(rows.getString(1));
                }
            }
        }
        return roles;
    }

    private static Optional<String> recorded(Connection session, String role, String lock) throws SQLException {
        try (var query =
                session.prepareStatement("SELECT id FROM espalier.resource WHERE kind = ? AND name = ? " + lock)) {
            query.setString(1, KIND);
            query.setString(2, role);
            try (var rows = query.executeQuery()) {
                return rows.next() ? Optional.of(rows.getString(1)) : Optional.empty();
            }
        }
    }

    private static String setAside(Connection session, String role, String owner) throws SQLException {
        String aside = nameAside(session, role, owner);
        int major = session.getMetaData().getDatabaseMajorVersion();
        // What others get by being made a member of it later is what it was given itself.
        for (RoleChanges.Membership membership : RoleChanges.memberships(session, role)) {
            RoleChanges.revoke(session, membership, role, major);
        }
        BranchSessions.execute(session, "ALTER ROLE " + quoted(role) + " RENAME TO " + quoted(aside));
        BranchSessions.execute(session, "ALTER ROLE " + quoted(aside) + " NOLOGIN NOCREATEDB NOCREATEROLE NOBYPASSRLS");
        ResourceIds.rename(session, RoleChanges.KIND, role, aside);
        return aside;
    }

    /** An agent's gets a name without the prefix that hides it: somebody may want what it owns. */
    private static String nameAside(Connection session, String role, String owner) throws SQLException {
        String shown = role.startsWith(Delegations.PREFIX) ? role.substring(role.indexOf('_') + 1) : role;
        String own = owner.substring(owner.indexOf('/') + 1);
        String id = own.substring(0, Math.min(ID_SHOWN, own.length()));
        String name = cut(shown, " (deleted " + id + ")");
        for (int number = 2; exists(session, name); number++) {
            name = cut(shown, " (deleted " + id + " " + number + ")");
        }
        return name;
    }

    private static String cut(String name, String end) {
        String begin = name;
        while ((begin + end).getBytes(StandardCharsets.UTF_8).length > LONGEST_NAME) {
            begin = begin.substring(0, begin.offsetByCodePoints(begin.length(), -1));
        }
        return begin + end;
    }

    private static boolean exists(Connection session, String role) throws SQLException {
        return RoleChanges.oidOf(session, role) != 0;
    }
}
