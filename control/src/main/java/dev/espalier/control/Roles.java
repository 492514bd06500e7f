package dev.espalier.control;

import dev.espalier.control.request.Caller;
import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.ControlException.Code;
import dev.espalier.control.request.Page;
import dev.espalier.control.request.PageTokens;
import dev.espalier.control.request.ResourceName;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Jdbi;

/** What can be asked of the roles on a branch. */
public final class Roles {

    private static final int SHORTEST_ID = 4;

    /** What the API calls {@link Role#SUPERUSER}. */
    private static final String SUPERUSER_IN_API = "DATABRICKS_SUPERUSER";

    private final Jdbi jdbi;
    private final Finder finder;
    private final ClusterChanges changes;
    private final BranchSessions sessions;
    private final Admissions admissions;

    Roles(Jdbi jdbi, Finder finder, ClusterChanges changes, BranchSessions sessions, Admissions admissions) {
        this.jdbi = jdbi;
        this.finder = finder;
        this.changes = changes;
        this.sessions = sessions;
        this.admissions = admissions;
    }

    /** @throws ControlException if there is none */
    public Role get(String projectId, String branchId, String roleId) {
        return find(branch(projectId, branchId), roleId);
    }

    /**
     * The role that an operation was about, as it is now; empty where its branch does not run, which is not woken for that.
     *
     * @throws ControlException if there is none any more
     */
    public Optional<Role> ofOperation(Operation operation) {
        return jdbi.withHandle(handle -> BranchTable.byUid(handle, operation.resourceUid()))
                .flatMap(branch -> sessions.ifAwake(branch, BranchSessions.HOME, session -> all(branch, session))
                        .map(roles ->
                                find(branch, roles, operation.resource().id().orElseThrow())));
    }

    /** The roles of a branch, by name. */
    public Page<Role> list(String projectId, String branchId, int pageSize, Optional<String> pageToken) {
        int size = PageTokens.size(pageSize);
        String after = PageTokens.read(pageToken).uid();
        List<Role> rest = all(branch(projectId, branchId)).stream()
                .filter(role -> after.compareTo(role.postgresRole()) < 0)
                .toList();
        return PageTokens.page(rest, size, role -> new PageTokens.After(Instant.EPOCH, role.postgresRole()));
    }

    /**
     * Makes a role.
     *
     * @param replaceExisting whether a role of this id takes what is stated instead of being refused
     */
    public Operation create(
            Caller caller, String projectId, String branchId, String roleId, NewRole wanted, boolean replaceExisting) {
        checkId(roleId);
        Branch branch = changes.branch(projectId, branchId);
        Optional<Role> there = all(branch).stream()
                .filter(existing -> existing.roleId().equals(roleId))
                .findFirst();
        if (there.isPresent()) {
            // The id of one may be what is made from the name of another.
            if (replaceExisting
                    && wanted.postgresRole()
                            .filter(name -> !name.equals(there.get().postgresRole()))
                            .isEmpty()) {
                RoleChange change =
                        new RoleChange(Optional.empty(), wanted.authMethod(), wanted.memberOf(), wanted.attributes());
                return update(caller, projectId, branchId, roleId, change);
            }
            throw new ControlException(
                    Code.BAD_REQUEST,
                    name(branch, roleId) + " already exists, for the role "
                            + there.get().postgresRole() + ". Choose another role_id.",
                    "RESOURCE_ALREADY_EXISTS",
                    Map.of());
        }
        Role.AuthMethod method = wanted.authMethod()
                .orElse(
                        wanted.identityType() == Role.IdentityType.IDENTITY_TYPE_UNSPECIFIED
                                ? Role.AuthMethod.PG_PASSWORD_SCRAM_SHA_256
                                : Role.AuthMethod.LAKEBASE_OAUTH_V1);
        String role = checkName(wanted.postgresRole().orElse(roleId));
        List<String> memberOf = wanted.memberOf().orElse(List.of()).stream()
                .map(Roles::inPostgres)
                .toList();
        Role.Attributes attributes = wanted.attributes().over(Role.Attributes.NONE);
        int major = major(branch);
        refuseCreaterole(attributes, major);
        refuseStrengthOfBound(branch, role, memberOf, attributes);
        return changes.run(
                caller,
                name(branch, roleId),
                branch,
                new RoleChanges.Create(
                        roleId, role, wanted.identityType(), method, memberOf, attributes, major, owner(role)));
    }

    private Optional<RoleOwner> owner(String role) {
        return jdbi.withHandle(handle -> RoleOwner.named(handle, role));
    }

    /** Changes a role. */
    public Operation update(Caller caller, String projectId, String branchId, String roleId, RoleChange change) {
        Branch branch = changes.branch(projectId, branchId);
        Role role = find(branch, roleId);
        refuseBranchsOwn(role);
        int major = major(branch);
        Role.Attributes attributes = change.attributes().over(role.attributes());
        refuseCreaterole(attributes, major);
        Optional<String> newName = change.postgresRole().map(Roles::checkName);
        refuseStrengthOfBound(branch, role.postgresRole(), change.memberOf().orElse(List.of()), attributes);
        newName.filter(name -> !name.equals(role.postgresRole()))
                .ifPresent(name ->
                        refuseStrengthOfBound(branch, name, change.memberOf().orElse(role.memberOf()), attributes));
        return changes.run(
                caller,
                role.name(),
                branch,
                new RoleChanges.Alter(
                        roleId,
                        role.postgresRole(),
                        oid(branch, role),
                        newName.orElse(role.postgresRole()),
                        role.identityType(),
                        change.authMethod(),
                        change.memberOf()
                                .map(groups ->
                                        groups.stream().map(Roles::inPostgres).toList()),
                        change.attributes(),
                        major));
    }

    /** What would let a principal see more than policies show him is given to nobody whom a policy binds. */
    private void refuseStrengthOfBound(Branch branch, String role, List<String> memberOf, Role.Attributes attributes) {
        boolean strong = !memberOf.isEmpty() || attributes.bypassrls() || attributes.createrole();
        if (strong && admissions.isBound(branch, admissions.governed(branch.projectUid()), role)) {
            throw new ControlException(
                    Code.PERMISSION_DENIED,
                    "policies bind " + role + ", whose role on " + branch.name()
                            + " gets no membership, bypassrls or createrole: these would show " + role
                            + " what the policies hide. Grant " + role + " privileges on the catalog instead.");
        }
    }

    /**
     * Drops a role.
     *
     * @param reassignOwnedTo the role that gets what it owns; without one, a role that owns something is refused
     */
    public Operation delete(
            Caller caller, String projectId, String branchId, String roleId, Optional<String> reassignOwnedTo) {
        Branch branch = changes.branch(projectId, branchId);
        Role role = find(branch, roleId);
        refuseBranchsOwn(role);
        Optional<String> heir = reassignOwnedTo.map(name -> postgresName(branch, name));
        if (heir.filter(role.postgresRole()::equals).isPresent()) {
            throw new ControlException(
                    Code.INVALID_PARAMETER_VALUE,
                    "what " + role.name() + " owns cannot go to itself. Name another role in reassign_owned_to.");
        }
        return changes.run(
                caller, role.name(), branch, new RoleChanges.Drop(role.postgresRole(), oid(branch, role), heir));
    }

    private long oid(Branch branch, Role role) {
        return sessions.with(branch, BranchSessions.HOME, session -> RoleChanges.oidOf(session, role.postgresRole()));
    }

    /** Name in PostgreSQL of a role that is given as a resource's name or as its id. */
    String postgresName(Branch branch, String role) {
        if (!role.startsWith("projects/")) {
            return find(branch, role).postgresRole();
        }
        ResourceName given = ResourceName.parse(role);
        if (!given.equals(name(branch, given.id().orElse("")))) {
            throw new ControlException(
                    Code.INVALID_PARAMETER_VALUE,
                    "\"" + role + "\" is not a role of " + branch.name() + ". Name one of its own: "
                            + name(branch, "ROLE") + ".");
        }
        return find(branch, given.id().orElseThrow()).postgresRole();
    }

    private Role find(Branch branch, String roleId) {
        return find(branch, all(branch), roleId);
    }

    private static Role find(Branch branch, List<Role> all, String roleId) {
        return all.stream()
                .filter(role -> role.roleId().equals(roleId))
                .findFirst()
                .orElseThrow(() -> new ControlException(
                        Code.NOT_FOUND,
                        "there is no role " + roleId + " on " + branch.name()
                                + ". espalier roles list shows those there are."));
    }

    private List<Role> all(Branch branch) {
        return sessions.with(branch, BranchSessions.HOME, session -> all(branch, session));
    }

    private static List<Role> all(Branch branch, Connection session) throws SQLException {
        Map<String, Role> byName = new LinkedHashMap<>();
        try (var statement = session.createStatement();
                var rows = statement.executeQuery("""
                            SELECT r.rolname, r.rolcanlogin, r.rolcreatedb, r.rolcreaterole, r.rolbypassrls,
                                   m.identity_type, m.auth_method,
                                   ARRAY(SELECT DISTINCT g.rolname
                                         FROM pg_auth_members a
                                         JOIN pg_roles g ON g.oid = a.roleid
                                         WHERE a.member = r.oid
                                           -- From 16 on, a maker has what he made for its administration alone.
                                           AND (coalesce((to_jsonb(a) ->> 'inherit_option')::boolean, true)
                                                OR coalesce((to_jsonb(a) ->> 'set_option')::boolean, true))
                                         ORDER BY g.rolname) AS groups
                            FROM pg_roles r
                            LEFT JOIN espalier.resource m ON m.kind = 'role' AND m.name = r.rolname
                            WHERE r.rolname !~ '^(pg|espalier)_' AND NOT r.rolsuper
                            ORDER BY r.rolname COLLATE "C"
                            """)) {
            while (rows.next()) {
                String role = rows.getString("rolname");
                List<String> groups = new ArrayList<>();
                for (Object group : (Object[]) rows.getArray("groups").getArray()) {
                    groups.add(group.equals(Role.SUPERUSER) ? SUPERUSER_IN_API : group.toString());
                }
                String method = rows.getString("auth_method");
                String identity = rows.getString("identity_type");
                Role.AuthMethod defaultMethod =
                        rows.getBoolean("rolcanlogin") ? Role.AuthMethod.LAKEBASE_OAUTH_V1 : Role.AuthMethod.NO_LOGIN;
                byName.put(
                        role,
                        new Role(
                                name(branch, role),
                                role,
                                role,
                                identity == null
                                        ? Role.IdentityType.IDENTITY_TYPE_UNSPECIFIED
                                        : Role.IdentityType.valueOf(identity),
                                method == null ? defaultMethod : Role.AuthMethod.valueOf(method),
                                groups,
                                new Role.Attributes(
                                        rows.getBoolean("rolcreatedb"),
                                        rows.getBoolean("rolcreaterole"),
                                        rows.getBoolean("rolbypassrls"))));
            }
        }
        ResourceIds ids = ResourceIds.ofRoles(session);
        return byName.values().stream()
                .map(role -> role.withId(name(branch, ids.id(role.postgresRole())), ids.id(role.postgresRole())))
                .toList();
    }

    private static void refuseCreaterole(Role.Attributes attributes, int major) {
        if (attributes.createrole() && major < 16) {
            throw new ControlException(
                    Code.INVALID_PARAMETER_VALUE,
                    "before PostgreSQL 16 a role with createrole can give itself any right, files and programs of the machine "
                            + "included. Use a project with pg_version 16 or newer, or leave createrole out.");
        }
    }

    static String checkName(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        if (name.isEmpty()
                || name.getBytes(StandardCharsets.UTF_8).length > 63
                || lower.startsWith("pg_")
                || lower.equals("espalier")
                || lower.startsWith("espalier_")
                || lower.equals(Role.SUPERUSER)
                || lower.equals("public")
                || lower.equals("none")) {
            throw new ControlException(
                    Code.INVALID_PARAMETER_VALUE,
                    "\"" + name
                            + "\" cannot be the name of a role: it is reserved, empty, or longer than 63 bytes. "
                            + "Choose another postgres_role.");
        }
        return name;
    }

    private static void checkId(String roleId) {
        ResourceName.checkId("role", roleId);
        if (roleId.length() < SHORTEST_ID) {
            throw new ControlException(
                    Code.INVALID_PARAMETER_VALUE,
                    "role_id \"" + roleId + "\" is too short. Use at least " + SHORTEST_ID + " characters.");
        }
    }

    private static void refuseBranchsOwn(Role role) {
        if (role.postgresRole().equals(Role.SUPERUSER)) {
            throw new ControlException(
                    Code.BAD_REQUEST,
                    "the role " + Role.SUPERUSER
                            + " belongs to the branch itself and stays as it is. Change roles of yours.",
                    "RESOURCE_CONFLICT",
                    Map.of("declarative_context", "MANAGED_BY_PARENT"));
        }
    }

    private static String inPostgres(String group) {
        return group.equals(SUPERUSER_IN_API) ? Role.SUPERUSER : group;
    }

    private int major(Branch branch) {
        return jdbi.withHandle(handle -> ProjectTable.byUid(handle, branch.projectUid()))
                .orElseThrow()
                .pgVersion();
    }

    private Branch branch(String projectId, String branchId) {
        return jdbi.withHandle(handle -> finder.readyBranch(handle, projectId, branchId));
    }

    private static ResourceName name(Branch branch, String roleId) {
        return ResourceName.below(branch.projectId(), branch.branchId(), "roles", roleId);
    }
}
