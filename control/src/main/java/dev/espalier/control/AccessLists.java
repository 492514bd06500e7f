package dev.espalier.control;

import dev.espalier.control.ControlException.Code;
import dev.espalier.identity.ServicePrincipal;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/** Who may use which project. Administrators may do everything everywhere and are on no list. */
public final class AccessLists {

    /** One line of a project's list. */
    public record Entry(String principal, Permission permission) {}

    private final Jdbi jdbi;
    private final Finder finder;

    AccessLists(Jdbi jdbi, Finder finder) {
        this.jdbi = jdbi;
        this.finder = finder;
    }

    /** A project's list, by name. */
    public List<Entry> of(String projectId) {
        return jdbi.withHandle(
                handle -> entries(handle, finder.project(handle, projectId).uid()));
    }

    /**
     * Changes a project's list and returns it.
     *
     * @param replace whether those who are not named lose what they have
     * @throws ControlException if a principal does not exist; nothing is changed then
     */
    public List<Entry> change(String projectId, Map<String, Permission> wanted, boolean replace) {
        return jdbi.inTransaction(handle -> {
            String uid = finder.project(handle, projectId).uid();
            if (replace) {
                handle.execute("DELETE FROM control.project_access WHERE project_uid = ?", uid);
            }
            wanted.forEach((principal, permission) -> {
                if (!exists(handle, principal)) {
                    throw new ControlException(
                            Code.NOT_FOUND,
                            "there is no service principal \"" + principal
                                    + "\". Make it with espalier principals create.");
                }
                add(handle, uid, principal, permission);
            });
            return entries(handle, uid);
        });
    }

    static void add(Handle handle, String projectUid, String principal, Permission permission) {
        handle.execute("""
                        INSERT INTO control.project_access VALUES (?, ?, ?)
                        ON CONFLICT (project_uid, principal) DO UPDATE SET permission = excluded.permission
                        """, projectUid, principal, permission.name());
    }

    /** What a principal may do with a project; empty for nothing, and where there is no such project. */
    public Optional<Permission> permission(ServicePrincipal principal, String projectId) {
        return jdbi.withHandle(handle -> handle.select("""
                        SELECT CASE WHEN ? THEN 'CAN_MANAGE' ELSE a.permission END AS permission
                        FROM control.project p
                        LEFT JOIN control.project_access a ON a.project_uid = p.uid AND a.principal = ?
                        WHERE p.project_id = ? AND p.delete_time IS NULL
                        """, principal.administrator(), principal.name(), projectId)
                .map((row, context) -> Columns.optionalText(row, "permission").map(Permission::valueOf))
                .findOne()
                .flatMap(found -> found));
    }

    /** @throws ControlException if the principal may not do that with the project, or should not know that it is there */
    public void require(ServicePrincipal principal, String projectId, Permission wanted) {
        if (principal.administrator()) {
            // Also with a project that is deleted, to bring it back.
            return;
        }
        Permission has = permission(principal, projectId).orElseThrow(() -> Finder.noProject(projectId));
        if (!has.includes(wanted)) {
            throw new ControlException(
                    Code.PERMISSION_DENIED,
                    principal.name() + " has " + has + " on the project " + projectId + ", and this needs " + wanted
                            + ". Ask one who has it, or an administrator.");
        }
    }

    /** The projects that a principal may use. */
    List<Project> usable(Handle handle, ServicePrincipal principal) {
        return handle.select("""
                        SELECT p.*
                        FROM control.project p
                        WHERE p.delete_time IS NULL
                          AND (? OR EXISTS (SELECT FROM control.project_access a
                                            WHERE a.project_uid = p.uid AND a.principal = ?))
                        ORDER BY p.project_id
                        """, principal.administrator(), principal.name())
                .map((row, context) -> ProjectTable.read(row))
                .list();
    }

    private static boolean exists(Handle handle, String principal) {
        return handle.select("SELECT EXISTS (SELECT FROM control.service_principal WHERE display_name = ?)", principal)
                .mapTo(Boolean.class)
                .one();
    }

    private static List<Entry> entries(Handle handle, String projectUid) {
        return handle.select("""
                        SELECT principal, permission
                        FROM control.project_access
                        WHERE project_uid = ?
                        ORDER BY principal
                        """, projectUid)
                .map((row, context) ->
                        new Entry(row.getString("principal"), Permission.valueOf(row.getString("permission"))))
                .list();
    }
}
