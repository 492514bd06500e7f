package dev.espalier.api.principal;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.espalier.control.ControlException;
import dev.espalier.control.ControlException.Code;
import java.util.Optional;

/** A service principal as a client asks for it. */
public record PrincipalRequest(
        @JsonPropertyDescription("What it is known by, and its role on every branch.")
        Optional<String> name,

        @JsonPropertyDescription("Whether it may do everything; false where not given.")
        Optional<Boolean> administrator) {

    String nameOrRefuse() {
        return name.filter(text -> !text.isBlank())
                .orElseThrow(() -> new ControlException(
                        Code.INVALID_PARAMETER_VALUE, "name is missing. Give the principal a name."));
    }
}
