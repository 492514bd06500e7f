package dev.espalier.control;

import dev.espalier.control.Directory.Member;
import dev.espalier.control.metastore.Backticks;
import dev.espalier.control.metastore.BranchPrivileges;
import dev.espalier.control.metastore.Catalog;
import dev.espalier.control.metastore.CatalogTable;
import dev.espalier.control.metastore.Changed;
import dev.espalier.control.metastore.DirectoryChanges;
import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.ControlException.Code;
import dev.espalier.identity.Principal;
import dev.espalier.identity.PrincipalKind;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/**
 * Who may use which project: users, service principals, and groups, whose members all may. Administrators may do everything
 * everywhere and are on no list.
 */
public final class AccessLists {

    /** One line of a project's list. */
    public record Entry(PrincipalKind kind, String principal, Permission permission) {}

    /**
     * A line as it is asked for.
     *
     * @param principal a name, or a service principal's client id
     * @param kind what it is said to be; empty for whatever has the name
     */
    public record Wanted(String principal, Optional<PrincipalKind> kind, Permission permission) {}

    private final Jdbi jdbi;
    private final Finder finder;
    private final DirectoryChanges changes;

    AccessLists(Jdbi jdbi, Finder finder, DirectoryChanges changes) {
        this.jdbi = jdbi;
        this.finder = finder;
        this.changes = changes;
    }

    /** A project's list, by name. */
    public List<Entry> of(String projectId) {
        return jdbi.withHandle(
                handle -> entries(handle, finder.project(handle, projectId).uid()));
    }

    /**
     * Changes a project's list.
     *
     * @param actor who asks
     * @param replace whether those who are not named lose what they have
     * @throws ControlException if a principal does not exist, or the rules of policies are against it; nothing is changed then
     */
    public Changed<List<Entry>> change(Principal actor, String projectId, List<Wanted> wanted, boolean replace) {
        return change(actor, projectId, (handle, uid) -> {
            if (replace) {
                handle.execute("DELETE FROM control.project_access WHERE project_uid = ?", uid);
            }
            for (Wanted line : wanted) {
                handle.execute(
                        """
                        INSERT INTO control.project_access VALUES (?, ?, ?)
                        ON CONFLICT (project_uid, principal) DO UPDATE SET permission = excluded.permission
                        """, uid, find(handle, line).name(), line.permission().name());
            }
        });
    }

    /**
     * Takes one principal off a project's list; the others stay.
     *
     * @param actor who asks
     * @param principal a name, or a service principal's client id
     * @throws ControlException if the list does not name it, or the rules of policies are against it; nothing is changed then
     */
    public Changed<List<Entry>> revoke(Principal actor, String projectId, String principal) {
        return change(actor, projectId, (handle, uid) -> {
            boolean revoked = PrincipalTable.named(handle, principal)
                    .filter(found -> handle.execute(
                                    "DELETE FROM control.project_access WHERE project_uid = ? AND principal = ?",
                                    uid,
                                    found.name())
                            > 0)
                    .isPresent();
            if (!revoked) {
                throw new ControlException(
                        Code.NOT_FOUND,
                        "\"" + principal + "\" is not on the list of the project " + projectId
                                + ". espalier permissions list shows who is.");
            }
        });
    }

    private Changed<List<Entry>> change(Principal actor, String projectId, BiConsumer<Handle, String> work) {
        record Lists(List<Entry> before, List<Entry> after) {}
        DirectoryChanges.Done<Lists> done = changes.make(
                actor.name(),
                handle -> {
                    String uid = finder.project(handle, projectId).uid();
                    // One after the other, so that what the audit calls before and after is.
                    handle.execute("SELECT FROM control.project WHERE uid = ? FOR NO KEY UPDATE", uid);
                    List<Entry> before = entries(handle, uid);
                    work.accept(handle, uid);
                    return new Lists(before, entries(handle, uid));
                },
                _ -> {});
        Lists lists = done.result();
        return new Changed<>(Optional.of(lists.before()), Optional.of(lists.after()), done.warnings());
    }

    private static Member find(Handle handle, Wanted line) {
        return PrincipalTable.named(handle, line.principal())
                .filter(found -> line.kind().isEmpty() || line.kind().get() == found.kind())
                .orElseThrow(() -> new ControlException(
                        Code.NOT_FOUND,
                        "there is no " + line.kind().map(PrincipalKind::noun).orElse("principal") + " \""
                                + line.principal() + "\". espalier users, principals and groups list and make them."));
    }

    /** What a principal may do with a project, himself or by a group; empty for nothing, and where there is no such project. */
    public Optional<Permission> permission(Principal principal, String projectId) {
        return permission(principal, projectId, false);
    }

    /** @param alsoDeleted whether the list of a project that can be brought back counts, where there is no live one of this id */
    private Optional<Permission> permission(Principal principal, String projectId, boolean alsoDeleted) {
        return jdbi.withHandle(handle -> handle.select(
                        """
                        SELECT CASE WHEN ? OR bool_or(a.permission = 'CAN_MANAGE') THEN 'CAN_MANAGE'
                                    WHEN count(a.permission) > 0 THEN 'CAN_USE' END AS permission
                        FROM (SELECT uid FROM control.project
                              WHERE project_id = ? AND (? OR delete_time IS NULL)
                              ORDER BY delete_time DESC NULLS FIRST
                              LIMIT 1) p
                        LEFT JOIN control.project_access a ON a.project_uid = p.uid AND a.principal = ANY (?)
                        GROUP BY p.uid
                        """,
                        principal.administrator(),
                        projectId,
                        alsoDeleted,
                        principal.names().toArray(String[]::new))
                .map((row, context) -> Columns.optionalText(row, "permission").map(Permission::valueOf))
                .findOne()
                .flatMap(found -> found));
    }

    /**
     * The list of a project stays in force while the project is deleted, so that who manages it can bring it back.
     *
     * @throws ControlException if the principal may not do that with the project, or should not know that it is there
     */
    public void require(Principal principal, String projectId, Permission wanted) {
        if (principal.administrator()) {
            return;
        }
        Permission has = permission(principal, projectId, true).orElseThrow(() -> Finder.noProject(projectId));
        if (!has.includes(wanted)) {
            throw new ControlException(
                    Code.PERMISSION_DENIED,
                    principal.name() + " has " + has + " on the project " + projectId + ", and this needs " + wanted
                            + ". Ask one who has it, or an administrator.");
        }
    }

    /**
     * As {@link #require} for CAN_MANAGE, but that grants on the catalogs may be enough, too.
     *
     * @param branchId the branch that is to be changed; empty where one is made
     * @throws ControlException if the principal neither manages the project, nor may make branches and has made this one
     */
    public void requireBranch(Principal principal, String projectId, Optional<String> branchId) {
        if (principal.administrator()) {
            return;
        }
        Permission has = permission(principal, projectId).orElseThrow(() -> Finder.noProject(projectId));
        if (has.includes(Permission.CAN_MANAGE)) {
            return;
        }
        jdbi.useHandle(handle -> {
            String uid = finder.project(handle, projectId).uid();
            List<Catalog> governed = CatalogTable.governed(handle, uid);
            List<String> keeping = BranchPrivileges.keepingFromCreate(handle, principal, governed);
            String needed =
                    principal.name() + " has " + has + " on the project " + projectId + ", and this needs CAN_MANAGE";
            if (governed.isEmpty()) {
                throw new ControlException(
                        Code.PERMISSION_DENIED, needed + ". Ask one who has it, or an administrator.");
            }
            if (!keeping.isEmpty()) {
                throw new ControlException(
                        Code.PERMISSION_DENIED,
                        needed
                                + ", or CREATE BRANCH on each of its catalogs under rules. Ask one who manages them for: "
                                + keeping.stream()
                                        .map(catalog ->
                                                "GRANT CREATE BRANCH ON CATALOG " + Backticks.inStatement(catalog)
                                                        + " TO " + Backticks.around(principal.name()))
                                        .collect(Collectors.joining("; ")));
            }
            if (branchId.isPresent() && BranchTable.isAnothers(handle, uid, branchId.get(), principal.name())) {
                throw new ControlException(
                        Code.PERMISSION_DENIED,
                        needed
                                + ": CREATE BRANCH is enough only for branches that " + principal.name()
                                + " has made. Ask somebody who has it, or an administrator.");
            }
        });
    }

    /**
     * Where USE_BRANCH has been given on a catalog, who lacks it learns no more of what lies in it on branches other than the default
     * than he could by connecting.
     *
     * @param database the only one that is asked about; empty for all
     * @throws ControlException naming the grant that is missing
     */
    public void requireUseOfBranch(Principal principal, String projectId, String branchId, Optional<String> database) {
        if (principal.administrator()
                || permission(principal, projectId)
                        .filter(has -> has.includes(Permission.CAN_MANAGE))
                        .isPresent()) {
            return;
        }
        jdbi.useHandle(handle -> {
            Branch branch = finder.branch(handle, projectId, branchId);
            List<Catalog> asked = CatalogTable.governed(handle, branch.projectUid()).stream()
                    .filter(catalog -> database.isEmpty() || database.get().equals(catalog.database()))
                    .toList();
            List<String> keeping =
                    branch.isDefault() ? List.of() : BranchPrivileges.keepingFromUse(handle, principal, asked);
            if (!keeping.isEmpty()) {
                throw new ControlException(
                        Code.PERMISSION_DENIED,
                        principal.name() + " may not see what lies in " + branch.name()
                                + ": catalogs want USE BRANCH for that. Ask one who manages them for: "
                                + keeping.stream()
                                        .map(catalog -> "GRANT USE BRANCH ON CATALOG " + Backticks.inStatement(catalog)
                                                + " TO " + Backticks.around(principal.name()))
                                        .collect(Collectors.joining("; ")));
            }
        });
    }

    /** A project, and what somebody may do with it. */
    record Usable(Project project, Permission permission) {}

    /** The projects that a principal may use. */
    List<Usable> usable(Handle handle, Principal principal) {
        return handle.select(
                        """
                        SELECT p.*, CASE WHEN ? OR a.manages THEN 'CAN_MANAGE' ELSE 'CAN_USE' END AS permission
                        FROM control.project p
                        LEFT JOIN (SELECT project_uid, bool_or(permission = 'CAN_MANAGE') AS manages
                                   FROM control.project_access
                                   WHERE principal = ANY (?)
                                   GROUP BY project_uid) a ON a.project_uid = p.uid
                        WHERE p.delete_time IS NULL AND (? OR a.manages IS NOT NULL)
                        ORDER BY p.project_id
                        """,
                        principal.administrator(),
                        principal.names().toArray(String[]::new),
                        principal.administrator())
                .map((row, context) ->
                        new Usable(ProjectTable.read(row), Permission.valueOf(row.getString("permission"))))
                .list();
    }

    private static List<Entry> entries(Handle handle, String projectUid) {
        return handle.select("""
                        SELECT p.kind, a.principal, a.permission
                        FROM control.project_access a
                        JOIN control.principal p ON p.name = a.principal
                        WHERE a.project_uid = ?
                        ORDER BY a.principal
                        """, projectUid)
                .map((row, context) -> new Entry(
                        PrincipalKind.valueOf(row.getString("kind")),
                        row.getString("principal"),
                        Permission.valueOf(row.getString("permission"))))
                .list();
    }
}
