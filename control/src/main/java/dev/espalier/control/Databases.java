package dev.espalier.control;

import dev.espalier.control.metastore.CatalogTable;
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
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Jdbi;

/** What can be asked of the databases on a branch. */
public final class Databases {

    private final Jdbi jdbi;
    private final Finder finder;
    private final ClusterChanges changes;
    private final BranchSessions sessions;
    private final Roles roles;

    private static final int LONGEST_NAME = 63;

    Databases(Jdbi jdbi, Finder finder, ClusterChanges changes, BranchSessions sessions, Roles roles) {
        this.jdbi = jdbi;
        this.finder = finder;
        this.changes = changes;
        this.sessions = sessions;
        this.roles = roles;
    }

    /** @throws ControlException if there is none */
    public Database get(String projectId, String branchId, String databaseId) {
        Branch branch = branch(projectId, branchId);
        return find(branch, all(branch), databaseId);
    }

    /**
     * The database that an operation was about, as it is now; empty where its branch does not run, which is not woken for that.
     *
     * @throws ControlException if there is none any more
     */
    public Optional<Database> ofOperation(Operation operation) {
        return jdbi.withHandle(handle -> BranchTable.byUid(handle, operation.resourceUid()))
                .flatMap(branch -> sessions.ifAwake(branch, BranchSessions.HOME, session -> all(branch, session))
                        .map(databases -> find(
                                branch, databases, operation.resource().id().orElseThrow())));
    }

    private static Database find(Branch branch, List<Database> all, String databaseId) {
        return all.stream()
                .filter(database -> database.databaseId().equals(databaseId))
                .findFirst()
                .orElseThrow(() -> new ControlException(
                        Code.NOT_FOUND,
                        "there is no database " + databaseId + " on " + branch.name()
                                + ". espalier databases list shows those there are."));
    }

    /** The databases of a branch, by name. */
    public Page<Database> list(String projectId, String branchId, int pageSize, Optional<String> pageToken) {
        int size = PageTokens.size(pageSize);
        String after = PageTokens.read(pageToken).uid();
        List<Database> rest = all(branch(projectId, branchId)).stream()
                .filter(database -> after.compareTo(database.postgresDatabase()) < 0)
                .toList();
        return PageTokens.page(
                rest, size, database -> new PageTokens.After(Instant.EPOCH, database.postgresDatabase()));
    }

    /**
     * Makes an empty database.
     *
     * @param postgresDatabase its name in PostgreSQL; the id where it is empty
     * @param owner the role that owns it, as a resource's name or its id
     * @param replaceExisting whether a database of this id takes the new owner instead of being refused
     */
    public Operation create(
            Caller caller,
            String projectId,
            String branchId,
            String databaseId,
            Optional<String> postgresDatabase,
            String owner,
            boolean replaceExisting) {
        ResourceName.checkId("database", databaseId);
        String database = checkName(postgresDatabase.orElse(databaseId));
        Branch branch = changes.branch(projectId, branchId);
        Optional<Database> there = all(branch).stream()
                .filter(existing -> existing.databaseId().equals(databaseId))
                .findFirst();
        if (there.isPresent()) {
            // The id of one may be what is made from the name of another.
            if (replaceExisting
                    && postgresDatabase
                            .filter(name -> !name.equals(there.get().postgresDatabase()))
                            .isEmpty()) {
                return update(caller, projectId, branchId, databaseId, Optional.empty(), Optional.of(owner));
            }
            throw new ControlException(
                    Code.BAD_REQUEST,
                    name(branch, databaseId) + " already exists, for the database "
                            + there.get().postgresDatabase() + ". Choose another database_id.",
                    "RESOURCE_ALREADY_EXISTS",
                    Map.of());
        }
        String role = roles.postgresName(branch, owner);
        return changes.run(
                caller, name(branch, databaseId), branch, new DatabaseChanges.Create(databaseId, database, role));
    }

    /** Renames a database or gives it to another role. */
    public Operation update(
            Caller caller,
            String projectId,
            String branchId,
            String databaseId,
            Optional<String> postgresDatabase,
            Optional<String> owner) {
        Branch branch = changes.branch(projectId, branchId);
        Database database = get(projectId, branchId, databaseId);
        refuseBranchsOwn(database);
        postgresDatabase.ifPresent(Databases::checkName);
        Optional<String> role = owner.map(name -> roles.postgresName(branch, name));
        postgresDatabase
                .filter(name -> !name.equals(database.postgresDatabase()))
                .ifPresent(name -> refuseRenamingUnderRules(branch, database));
        return changes.run(
                caller,
                database.name(),
                branch,
                new DatabaseChanges.Alter(
                        databaseId, database.postgresDatabase(), oid(branch, database), postgresDatabase, role));
    }

    /** By its name a database is known to be under rules. */
    private void refuseRenamingUnderRules(Branch branch, Database database) {
        jdbi.withHandle(handle -> CatalogTable.governed(handle, branch.projectUid())).stream()
                .filter(catalog -> catalog.database().equals(database.postgresDatabase()))
                .findFirst()
                .ifPresent(catalog -> {
                    throw new ControlException(
                            Code.INVALID_STATE,
                            "the database " + database.postgresDatabase()
                                    + " keeps its name: the grants and policies of the " + "catalog " + catalog.name()
                                    + " are for it. Make another database.");
                });
    }

    /** Drops a database; its sessions end. */
    public Operation delete(Caller caller, String projectId, String branchId, String databaseId) {
        Branch branch = changes.branch(projectId, branchId);
        Database database = get(projectId, branchId, databaseId);
        refuseBranchsOwn(database);
        return changes.run(
                caller,
                database.name(),
                branch,
                new DatabaseChanges.Drop(database.postgresDatabase(), oid(branch, database)));
    }

    private long oid(Branch branch, Database database) {
        return sessions.with(
                branch, BranchSessions.HOME, session -> DatabaseChanges.oidOf(session, database.postgresDatabase()));
    }

    private static String checkName(String name) {
        if (name.isEmpty() || name.getBytes(StandardCharsets.UTF_8).length > LONGEST_NAME) {
            throw new ControlException(
                    Code.INVALID_PARAMETER_VALUE,
                    "\"" + name + "\" cannot be the name of a database: it is empty or longer than " + LONGEST_NAME
                            + " bytes. Choose another postgres_database.");
        }
        if (name.equals(ControlDatabase.NAME)) {
            throw new ControlException(
                    Code.INVALID_PARAMETER_VALUE,
                    "a database cannot be called \"" + name
                            + "\": whoever connects to that name reaches Espalier's own tables. Choose another "
                            + "postgres_database.");
        }
        return name;
    }

    private static void refuseBranchsOwn(Database database) {
        if (database.postgresDatabase().equals(BranchSessions.HOME)) {
            throw new ControlException(
                    Code.BAD_REQUEST,
                    "the database " + BranchSessions.HOME
                            + " belongs to the branch itself and stays as it is. Change databases of yours.",
                    "RESOURCE_CONFLICT",
                    Map.of("declarative_context", "MANAGED_BY_PARENT"));
        }
    }

    private List<Database> all(Branch branch) {
        return sessions.with(branch, BranchSessions.HOME, session -> all(branch, session));
    }

    private static List<Database> all(Branch branch, Connection session) throws SQLException {
        Map<String, String> owners = new LinkedHashMap<>();
        try (var statement = session.createStatement();
                var rows = statement.executeQuery("""
                            SELECT datname, pg_get_userbyid(datdba)
                            FROM pg_database
                            WHERE datallowconn AND datconnlimit <> -2 AND NOT datistemplate
                            ORDER BY datname COLLATE "C"
                            """)) {
            while (rows.next()) {
                owners.put(rows.getString(1), rows.getString(2));
            }
        }
        ResourceIds ids = ResourceIds.read(session, DatabaseChanges.KIND, List.copyOf(owners.keySet()));
        ResourceIds roleIds = ResourceIds.ofRoles(session);
        List<Database> databases = new ArrayList<>();
        owners.forEach((database, role) -> databases.add(new Database(
                name(branch, ids.id(database)),
                ids.id(database),
                database,
                ResourceName.below(branch.projectId(), branch.branchId(), "roles", roleIds.id(role)))));
        return databases;
    }

    private static ResourceName name(Branch branch, String databaseId) {
        return ResourceName.below(branch.projectId(), branch.branchId(), "databases", databaseId);
    }

    private Branch branch(String projectId, String branchId) {
        return jdbi.withHandle(handle -> finder.readyBranch(handle, projectId, branchId));
    }
}
