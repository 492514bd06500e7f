package dev.espalier.api.principal;

import dev.espalier.control.AccessLists;
import dev.espalier.control.Permission;
import dev.espalier.identity.PrincipalKind;
import java.util.List;
import java.util.Optional;

/** Who may use a project. */
public record PermissionsResource(
        String objectId, String objectType, List<Entry> accessControlList, Optional<List<String>> warnings) {

    /** One of them, named in the field for what it is. */
    public record Entry(
            Optional<String> userName,
            Optional<String> groupName,
            Optional<String> servicePrincipalName,
            List<Level> allPermissions) {

        static Entry of(AccessLists.Entry entry) {
            return new Entry(
                    name(entry, PrincipalKind.USER),
                    name(entry, PrincipalKind.GROUP),
                    name(entry, PrincipalKind.SERVICE_PRINCIPAL),
                    List.of(new Level(entry.permission(), false)));
        }

        private static Optional<String> name(AccessLists.Entry entry, PrincipalKind kind) {
            return entry.kind() == kind ? Optional.of(entry.principal()) : Optional.empty();
        }
    }

    /** What it has. */
    public record Level(Permission permissionLevel, boolean inherited) {}

    static PermissionsResource of(String projectId, List<AccessLists.Entry> entries, Optional<List<String>> warnings) {
        return new PermissionsResource(
                "/database-projects/" + projectId,
                "database-project",
                entries.stream().map(Entry::of).toList(),
                warnings);
    }
}
