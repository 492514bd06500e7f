package dev.espalier.api.principal;

import dev.espalier.control.Permission;
import java.util.Arrays;
import java.util.List;

/** What can be given on a project. */
public record PermissionLevels(List<Level> permissionLevels) {

    /** One of them. */
    public record Level(Permission permissionLevel, String description) {}

    static PermissionLevels all() {
        return new PermissionLevels(Arrays.stream(Permission.values())
                .map(permission -> new Level(permission, description(permission)))
                .toList());
    }

    private static String description(Permission permission) {
        return switch (permission) {
            case CAN_USE -> "See the project, and connect to its branches with what is granted there.";
            case CAN_MANAGE -> "Everything: make, change and delete branches, and everything on them.";
        };
    }
}
