package dev.espalier.api.scim;

import dev.espalier.control.Directory.Change;
import dev.espalier.control.Directory.Entry;
import dev.espalier.control.Directory.NewPrincipal;
import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.ControlException.Code;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** What a client sends of a user, a service principal or a group. */
sealed interface ScimBody permits UserBody, ServicePrincipalBody, GroupBody {

    /** The one to be made. */
    NewPrincipal create();

    /** The values of one that is there, of which nothing is kept that is not given, but whether he may sign in. */
    Change replace(Entry entry);

    /** @throws ControlException if it is not given */
    static String required(Optional<String> value, String field) {
        return value.filter(text -> !text.isBlank())
                .orElseThrow(() -> new ControlException(Code.INVALID_PARAMETER_VALUE, field + " is missing. Give it."));
    }

    static Set<Long> ids(Optional<List<ScimReference>> references) {
        return references.orElse(List.of()).stream().map(ScimReference::id).collect(Collectors.toSet());
    }
}
