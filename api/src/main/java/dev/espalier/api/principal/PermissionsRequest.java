package dev.espalier.api.principal;

import dev.espalier.control.ControlException;
import dev.espalier.control.ControlException.Code;
import dev.espalier.control.Permission;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Who is to be able to use a project. */
public record PermissionsRequest(Optional<List<Entry>> accessControlList) {

    /** One of them. */
    public record Entry(Optional<String> servicePrincipalName, Optional<Permission> permissionLevel) {}

    Map<String, Permission> wanted() {
        Map<String, Permission> wanted = new LinkedHashMap<>();
        for (Entry entry : accessControlList.orElse(List.of())) {
            wanted.put(
                    entry.servicePrincipalName().orElseThrow(() -> missing("service_principal_name")),
                    entry.permissionLevel().orElseThrow(() -> missing("permission_level")));
        }
        return wanted;
    }

    private static ControlException missing(String field) {
        return new ControlException(
                Code.INVALID_PARAMETER_VALUE, "an entry of access_control_list lacks " + field + ". Give it.");
    }
}
