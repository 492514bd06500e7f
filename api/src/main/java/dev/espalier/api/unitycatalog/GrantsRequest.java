package dev.espalier.api.unitycatalog;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.espalier.control.metastore.Grants;
import dev.espalier.control.metastore.Privilege;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Privileges to give and to take. */
public record GrantsRequest(Optional<List<Change>> changes) {

    /** Of one principal. */
    public record Change(
            @JsonPropertyDescription(
                    "A user's, service principal's or group's name, or a client id; \"account users\" means all.")
            Optional<String> principal,

            @JsonPropertyDescription("USE_CATALOG, or USE CATALOG: both are read.")
            Optional<List<String>> add,

            Optional<List<String>> remove) {

        private Grants.Change change() {
            return new Grants.Change(
                    UnityCatalog.required(principal, "principal of an entry of changes"),
                    privileges(add),
                    privileges(remove));
        }

        private static Set<Privilege> privileges(Optional<List<String>> names) {
            Set<Privilege> privileges = EnumSet.noneOf(Privilege.class);
            names.orElse(List.of()).forEach(name -> privileges.add(UnityCatalog.privilege(name)));
            return privileges;
        }
    }

    List<Grants.Change> wanted() {
        return UnityCatalog.required(changes, "changes").stream()
                .map(Change::change)
                .toList();
    }
}
