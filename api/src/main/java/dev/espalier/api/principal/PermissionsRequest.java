package dev.espalier.api.principal;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.espalier.control.AccessLists.Wanted;
import dev.espalier.control.Permission;
import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.ControlException.Code;
import dev.espalier.identity.PrincipalKind;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Who is to be able to use a project. */
public record PermissionsRequest(Optional<List<Entry>> accessControlList) {

    /** One of them, named in one of the fields. */
    public record Entry(
            Optional<String> userName,
            Optional<String> groupName,
            Optional<String> servicePrincipalName,

            @JsonPropertyDescription("A name, whatever kind of principal has it.")
            Optional<String> principal,

            Optional<Permission> permissionLevel) {

        private Wanted wanted() {
            Permission level = permissionLevel.orElseThrow(() -> missing("permission_level"));
            List<Wanted> named = Stream.of(
                            userName.map(name -> new Wanted(name, Optional.of(PrincipalKind.USER), level)),
                            groupName.map(name -> new Wanted(name, Optional.of(PrincipalKind.GROUP), level)),
                            servicePrincipalName.map(
                                    name -> new Wanted(name, Optional.of(PrincipalKind.SERVICE_PRINCIPAL), level)),
                            principal.map(name -> new Wanted(name, Optional.empty(), level)))
                    .flatMap(Optional::stream)
                    .toList();
            if (named.size() != 1) {
                throw missing("one of user_name, group_name, service_principal_name and principal, or has several");
            }
            return named.getFirst();
        }
    }

    List<Wanted> wanted() {
        return accessControlList.orElse(List.of()).stream().map(Entry::wanted).toList();
    }

    private static ControlException missing(String field) {
        return new ControlException(
                Code.INVALID_PARAMETER_VALUE, "an entry of access_control_list lacks " + field + ". Give it.");
    }
}
