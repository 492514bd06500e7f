package dev.espalier.control;

import dev.espalier.control.ControlException.Code;
import dev.espalier.identity.Principal;
import java.nio.file.Path;
import java.sql.Array;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/**
 * Brings a principal to a branch: finds it, wakes it, and makes sure that he has a role of his own there, which nobody else
 * signs in as.
 */
public final class Logins {

    /**
     * Where to go.
     *
     * @param role to sign in as, over the socket in the directory
     */
    public record Destination(Project project, Branch branch, Endpoint endpoint, String database, String role) {

        public Path socketDirectory() {
            return endpoint.socketDirectory();
        }
    }

    /** How long a role and a database are taken to be as they were found: somebody may have dropped them since. */
    private static final Duration TRUST = Duration.ofSeconds(10);

    private static final int MOST_SHOWN = 20;
    private static final String HOME = "postgres";

    private record Key(String volume, String role, String database) {}

    private record Found(Permission permission, Instant at) {}

    private final Jdbi jdbi;
    private final AccessLists access;
    private final EndpointTable endpoints;
    private final EndpointRunner runner;
    private final BranchSessions sessions;
    private final Clock clock;
    private final Map<Key, Found> ready = new ConcurrentHashMap<>();

    Logins(
            Jdbi jdbi,
            AccessLists access,
            EndpointTable endpoints,
            EndpointRunner runner,
            BranchSessions sessions,
            Clock clock) {
        this.jdbi = jdbi;
        this.access = access;
        this.endpoints = endpoints;
        this.runner = runner;
        this.sessions = sessions;
        this.clock = clock;
    }

    /**
     * Returns when the endpoint is awake and the role is there.
     *
     * @param only uid of the one endpoint that may be reached
     * @throws ControlException naming the candidates, if the address is unknown or not unique for this principal
     */
    public Destination open(Principal principal, Address address, Optional<String> only) {
        Destination to = jdbi.withHandle(handle -> {
            Project project = project(handle, principal, address);
            Branch branch = branch(handle, project, address);
            return new Destination(
                    project, branch, endpoint(handle, branch, only), address.database(), principal.name());
        });
        Permission permission = access.permission(principal, to.project().projectId())
                .orElseThrow(() -> Finder.noProject(to.project().projectId()));
        runner.wake(to.endpoint().uid());
        prepare(to, permission);
        return to;
    }

    private Endpoint endpoint(Handle handle, Branch branch, Optional<String> only) {
        if (only.isEmpty()) {
            return endpoints.primary(handle, branch.uid());
        }
        return endpoints.ofBranch(handle, branch.uid()).stream()
                .filter(endpoint -> endpoint.uid().equals(only.get()))
                .findFirst()
                .orElseThrow(() -> new ControlException(
                        Code.PERMISSION_DENIED,
                        "the credential is for another endpoint than those of " + branch.name()
                                + ". Ask for one for the endpoint you want to reach."));
    }

    private Project project(Handle handle, Principal principal, Address address) {
        List<Project> usable = access.usable(handle, principal);
        if (usable.isEmpty()) {
            throw new ControlException(
                    Code.PERMISSION_DENIED,
                    principal.name() + " has no right to connect to "
                            + address.project().map(id -> "the project " + id).orElse("any project")
                            + ": neither he nor a group of his is on its access list. Ask an administrator for CAN_USE.");
        }
        if (address.project().isPresent()) {
            String id = address.project().get();
            return usable.stream()
                    .filter(project -> project.projectId().equals(id))
                    .findFirst()
                    .orElseThrow(() -> new ControlException(
                            Code.NOT_FOUND,
                            "there is no project " + id + " that " + principal.name()
                                    + " has a right to connect to (CAN_USE). " + candidates(usable, address)));
        }
        if (usable.size() == 1) {
            return usable.getFirst();
        }
        List<String> withIt = handle.select(
                        "SELECT project_uid FROM control.known_database WHERE name = ?", address.database())
                .mapTo(String.class)
                .list();
        List<Project> having = usable.stream()
                .filter(project -> withIt.contains(project.uid()))
                .toList();
        if (having.size() == 1) {
            return having.getFirst();
        }
        throw new ControlException(
                Code.INVALID_PARAMETER_VALUE,
                "\"" + address.database() + "\" does not tell which project is meant. "
                        + candidates(having.isEmpty() ? usable : having, address));
    }

    private static String candidates(List<Project> projects, Address address) {
        return "Write one of: "
                + projects.stream()
                        .limit(MOST_SHOWN)
                        .map(project -> project.projectId() + "/" + address.database()
                                + address.branch().map(branch -> "@" + branch).orElse(""))
                        .collect(Collectors.joining(", "))
                + ".";
    }

    private static Branch branch(Handle handle, Project project, Address address) {
        if (address.branch().isEmpty()) {
            return BranchTable.byUid(handle, project.defaultBranchUid().orElseThrow())
                    .orElseThrow();
        }
        String id = address.branch().get();
        return BranchTable.live(handle, project.uid(), id)
                .orElseThrow(() -> new ControlException(
                        Code.NOT_FOUND,
                        "there is no branch " + id + " in the project " + project.projectId() + ". There are: "
                                + String.join(", ", BranchTable.ids(handle, project.uid(), MOST_SHOWN)) + "."));
    }

    private void prepare(Destination to, Permission permission) {
        Key key = new Key(to.branch().volume().value(), to.role(), to.database());
        Instant now = clock.instant();
        Found last = ready.get(key);
        if (last == null
                || last.permission() != permission
                || last.at().plus(TRUST).isBefore(now)) {
            sessions.with(to.branch(), HOME, session -> {
                requireDatabase(session, to);
                prepareRole(session, to.role(), permission);
                return to;
            });
            jdbi.useHandle(
                    handle -> ProjectTable.hasDatabase(handle, to.project().uid(), to.database()));
            ready.values().removeIf(found -> found.at().plus(TRUST).isBefore(now));
            ready.put(key, new Found(permission, now));
        }
    }

    private static void requireDatabase(Connection session, Destination to) throws SQLException {
        List<String> databases = BranchSessions.databases(session);
        if (!databases.contains(to.database())) {
            throw new ControlException(
                    Code.NOT_FOUND,
                    "there is no database \"" + to.database() + "\" on "
                            + to.branch().name() + ". There are: "
                            + databases.stream().limit(MOST_SHOWN).collect(Collectors.joining(", ")) + ".");
        }
    }

    private static List<String> texts(Array array) throws SQLException {
        return Stream.of((Object[]) array.getArray()).map(String::valueOf).toList();
    }

    /** On a project's list, that list alone says whether somebody may do everything on its branches. */
    private static void prepareRole(Connection session, String role, Permission permission) throws SQLException {
        boolean manages = permission == Permission.CAN_MANAGE;
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
                String quoted = RoleStatements.quoted(role);
                if (!attributes) {
                    statement.execute((there ? "ALTER ROLE " : "CREATE ROLE ") + quoted + " LOGIN "
                            + (manages ? "CREATEDB" : "NOCREATEDB NOCREATEROLE NOBYPASSRLS"));
                }
                if (manages && !groups.contains(Role.SUPERUSER)) {
                    statement.execute("GRANT " + Role.SUPERUSER + " TO " + quoted);
                }
                if (!manages) {
                    for (String group : groups) {
                        statement.execute("REVOKE " + RoleStatements.quoted(group) + " FROM " + quoted + " CASCADE");
                    }
                }
                // Nobody else is him: whoever made the role before he came may be a member of it.
                for (String other : others) {
                    statement.execute("REVOKE " + quoted + " FROM " + RoleStatements.quoted(other) + " CASCADE");
                }
            }
        }
    }
}
