package dev.espalier.control;

import static dev.espalier.postgres.Identifiers.literal;
import static dev.espalier.postgres.Identifiers.quoted;

import dev.espalier.control.Operation.Kind;
import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.ControlException.Code;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The changes of roles. */
final class RoleChanges {

    /** Kind of a role among the resources that a cluster has on record. */
    static final String KIND = "role";

    /** The first version in which a membership is its grantor's. */
    private static final int GRANTORS = 16;

    private RoleChanges() {}

    /**
     * Makes a role, in one transaction.
     *
     * @param role its name in PostgreSQL
     * @param memberOf names in PostgreSQL of the roles that it becomes a member of
     * @param owner whose it is, where a principal has the name
     */
    record Create(
            String roleId,
            String role,
            Role.IdentityType identity,
            Role.AuthMethod method,
            List<String> memberOf,
            Role.Attributes attributes,
            int major,
            Optional<RoleOwner> owner)
            implements ClusterChange {

        @Override
        public Kind kind() {
            return Kind.CREATE_ROLE;
        }

        @Override
        public void make(Branch branch, BranchSessions sessions, boolean again) {
            sessions.with(branch, BranchSessions.HOME, session -> {
                if (again && exists(session, role) && ResourceIds.isRecorded(session, KIND, roleId, role)) {
                    return role;
                }
                session.setAutoCommit(false);
                BranchSessions.execute(
                        session,
                        "CREATE ROLE " + quoted(role) + RoleStatements.attributes(attributes, mayLogin(method), major));
                for (String group : memberOf) {
                    grant(session, group, role);
                }
                record(session, roleId, role, identity, method);
                // Not that of who had the name before, though his role was dropped.
                RoleOwners.forget(session, role);
                if (owner.isPresent()) {
                    RoleOwners.record(session, role, owner.get());
                }
                session.commit();
                return role;
            });
        }
    }

    /**
     * Changes a role, in one transaction.
     *
     * @param role its name in PostgreSQL
     * @param oid its OID: another one of this name is not changed
     * @param newName its name from then on
     * @param memberOf names in PostgreSQL of the roles that it is a member of from then on
     */
    record Alter(
            String roleId,
            String role,
            long oid,
            String newName,
            Role.IdentityType identity,
            Optional<Role.AuthMethod> method,
            Optional<List<String>> memberOf,
            RoleChange.Attributes attributes,
            int major)
            implements ClusterChange {

        @Override
        public Kind kind() {
            return Kind.UPDATE_ROLE;
        }

        @Override
        public void make(Branch branch, BranchSessions sessions, boolean again) {
            sessions.with(branch, BranchSessions.HOME, session -> {
                Optional<String> there = nameOf(session, oid);
                if (again && !newName.equals(role) && there.equals(Optional.of(newName))) {
                    return role;
                }
                if (!there.equals(Optional.of(role))) {
                    throw ClusterChange.gone(branch, role);
                }
                session.setAutoCommit(false);
                BranchSessions.execute(
                        session,
                        "ALTER ROLE " + quoted(role)
                                + RoleStatements.changed(attributes, method.map(RoleChanges::mayLogin), major));
                if (memberOf.isPresent()) {
                    change(session, memberOf.get());
                }
                if (!newName.equals(role)) {
                    BranchSessions.execute(session, "ALTER ROLE " + quoted(role) + " RENAME TO " + quoted(newName));
                    RoleOwners.forget(session, role);
                    RoleOwners.forget(session, newName);
                }
                if (method.isPresent()) {
                    record(session, roleId, newName, identity, method.get());
                } else {
                    ResourceIds.record(session, KIND, roleId, newName);
                }
                session.commit();
                return role;
            });
        }

        /** What stays is not touched: others may have been given a group by whoever has it. */
        private void change(Connection session, List<String> wanted) throws SQLException {
            Set<String> missing = new LinkedHashSet<>(wanted);
            for (Membership membership : memberships(session, role)) {
                if (!membership.used()) {
                    continue;
                }
                missing.remove(membership.group());
                if (!wanted.contains(membership.group())) {
                    revoke(session, membership, role, major);
                }
            }
            for (String group : missing) {
                grant(session, group, role);
            }
        }
    }

    /**
     * Drops a role.
     *
     * @param role its name in PostgreSQL
     * @param oid its OID: another one of this name is not dropped
     * @param heir name in PostgreSQL of the role that gets what it owns, in every database
     */
    record Drop(String role, long oid, Optional<String> heir) implements ClusterChange {

        @Override
        public Kind kind() {
            return Kind.DELETE_ROLE;
        }

        @Override
        public void make(Branch branch, BranchSessions sessions, boolean again) {
            if (sessions.with(branch, BranchSessions.HOME, session -> oidOf(session, role) != oid)) {
                if (again) {
                    return;
                }
                throw ClusterChange.gone(branch, role);
            }
            if (heir.isPresent()) {
                for (String database : sessions.databases(branch)) {
                    sessions.with(branch, database, session -> {
                        bequeath(session, heir.get());
                        return database;
                    });
                    sessions.reached("role.reassigned");
                }
            }
            sessions.with(branch, BranchSessions.HOME, session -> {
                session.setAutoCommit(false);
                BranchSessions.execute(session, "DROP ROLE " + quoted(role));
                ResourceIds.forget(session, KIND, role);
                RoleOwners.forget(session, role);
                session.commit();
                return role;
            });
        }

        /** What the role owned is the heir's; then its privileges are all that DROP OWNED finds. */
        private void bequeath(Connection session, String to) throws SQLException {
            session.setAutoCommit(false);
            if (to.equals(role)) {
                throw new ControlException(
                        Code.INVALID_PARAMETER_VALUE,
                        "what " + role + " owns cannot go to itself. Name another role in reassign_owned_to.");
            }
            BranchSessions.execute(
                    session, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = " + literal(role));
            BranchSessions.execute(session, "REASSIGN OWNED BY " + quoted(role) + " TO " + quoted(to));
            BranchSessions.execute(session, "DROP OWNED BY " + quoted(role));
            session.commit();
        }
    }

    private static boolean mayLogin(Role.AuthMethod method) {
        return method != Role.AuthMethod.NO_LOGIN;
    }

    /** 0 if there is none of this name. */
    static long oidOf(Connection session, String role) throws SQLException {
        return BranchSessions.oid(session, "SELECT oid FROM pg_roles WHERE rolname = ?", role);
    }

    private static Optional<String> nameOf(Connection session, long oid) throws SQLException {
        return BranchSessions.name(session, "SELECT rolname FROM pg_roles WHERE oid = ?", oid);
    }

    private static boolean exists(Connection session, String role) throws SQLException {
        return oidOf(session, role) != 0;
    }

    /**
     * A membership that somebody has granted; from PostgreSQL 16 on each grantor's is one of its own.
     *
     * @param used false where the role may give the group to others, as who has made it, and no more
     */
    record Membership(String group, String grantor, boolean used) {}

    /** Takes a membership away, from 16 on by its grantor's name, since a superuser takes only his own without it. */
    static void revoke(Connection session, Membership membership, String role, int major) throws SQLException {
        BranchSessions.execute(
                session,
                "REVOKE " + quoted(membership.group()) + " FROM " + quoted(role)
                        + (major >= GRANTORS ? " GRANTED BY " + quoted(membership.grantor()) : "") + " CASCADE");
    }

    static List<Membership> memberships(Connection session, String role) throws SQLException {
        List<Membership> memberships = new ArrayList<>();
        try (var query = session.prepareStatement("""
                SELECT pg_get_userbyid(roleid), pg_get_userbyid(grantor),
                       coalesce((to_jsonb(m) ->> 'inherit_option')::boolean, true)
                       OR coalesce((to_jsonb(m) ->> 'set_option')::boolean, true)
                FROM pg_auth_members m
                WHERE member = (SELECT oid FROM pg_roles WHERE rolname = ?)
                """)) {
            query.setString(1, role);
            try (var rows = query.executeQuery()) {
                while (rows.next()) {
                    memberships.add(new Membership(rows.getString(1), rows.getString(2), rows.getBoolean(3)));
                }
            }
        }
        return memberships;
    }

    private static void record(
            Connection session, String roleId, String role, Role.IdentityType identity, Role.AuthMethod method)
            throws SQLException {
        ResourceIds.record(session, KIND, roleId, role);
        try (var update = session.prepareStatement(
                "UPDATE espalier.resource SET identity_type = ?, auth_method = ? WHERE kind = ? AND id = ?")) {
            update.setString(1, identity.name());
            update.setString(2, method.name());
            update.setString(3, KIND);
            update.setString(4, roleId);
            update.executeUpdate();
        }
    }

    /**
     * Makes the role a member of the group, unless that leads to a superuser, or to a role of PostgreSQL's own that
     * {@link Role#SUPERUSER} does not lead to.
     */
    private static void grant(Connection session, String group, String role) throws SQLException {
        try (var query = session.prepareStatement("""
                SELECT NOT EXISTS (SELECT
                                   FROM pg_roles s
                                   WHERE (s.rolsuper OR s.rolreplication OR s.rolname LIKE 'pg\\_%')
                                     AND pg_has_role(g.oid, s.oid, 'MEMBER')
                                     AND (g.oid = s.oid OR NOT pg_has_role(?, s.oid, 'MEMBER')))
                FROM pg_roles g
                WHERE g.rolname = ?
                """)) {
            query.setString(1, Role.SUPERUSER);
            query.setString(2, group);
            try (var rows = query.executeQuery()) {
                if (!rows.next() || !rows.getBoolean(1)) {
                    throw new ControlException(
                            Code.INVALID_PARAMETER_VALUE,
                            "membership in \"" + group
                                    + "\" cannot be given: there is no such role, or it leads to files, programs or other "
                                    + "sessions, as superusers and PostgreSQL's own roles do. Use DATABRICKS_SUPERUSER or a "
                                    + "role of yours.");
                }
            }
        }
        BranchSessions.execute(session, "GRANT " + quoted(group) + " TO " + quoted(role));
    }
}
