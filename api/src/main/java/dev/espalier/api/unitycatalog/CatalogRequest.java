package dev.espalier.api.unitycatalog;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.ControlException.Code;
import java.util.Optional;

/** What a catalog is to say of itself; what is not given stays. */
public record CatalogRequest(
        Optional<String> owner,
        Optional<String> comment,

        @JsonPropertyDescription("Refused, but for the name that it has: a catalog is called after its database.")
        Optional<String> newName) {

    /** @throws ControlException if it is to have another name than this */
    void checkName(String name) {
        newName.filter(wanted -> !wanted.equals(name)).ifPresent(wanted -> {
            throw new ControlException(
                    Code.INVALID_PARAMETER_VALUE,
                    "the catalog " + name + " cannot be called " + wanted
                            + ": a catalog is called after its database, or after its project and that. Leave new_name out.");
        });
    }
}
