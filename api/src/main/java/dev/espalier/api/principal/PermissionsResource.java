package dev.espalier.api.principal;

import dev.espalier.control.AccessLists;
import dev.espalier.control.Permission;
import java.util.List;

/** Who may use a project. */
public record PermissionsResource(String objectId, String objectType, List<Entry> accessControlList) {

    /** One of them. */
    public record Entry(String servicePrincipalName, List<Level> allPermissions) {}

    /** What he has. */
    public record Level(Permission permissionLevel, boolean inherited) {}

    static PermissionsResource of(String projectId, List<AccessLists.Entry> entries) {
        return new PermissionsResource(
                "/database-projects/" + projectId,
                "database-project",
                entries.stream()
                        .map(entry -> new Entry(entry.principal(), List.of(new Level(entry.permission(), false))))
                        .toList());
    }
}
