package dev.espalier.api.scim;

import dev.espalier.control.Directory.Member;
import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.ControlException.Code;
import java.util.List;
import java.util.Optional;

/**
 * Another principal, by its id.
 *
 * @param display its name
 */
public record ScimReference(Optional<String> value, Optional<String> display) {

    static List<ScimReference> of(List<Member> members) {
        return members.stream()
                .map(member -> new ScimReference(Optional.of(Long.toString(member.id())), Optional.of(member.name())))
                .toList();
    }

    long id() {
        String text = value.orElse("");
        return number(text);
    }

    static long number(String text) {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw new ControlException(
                    Code.INVALID_PARAMETER_VALUE,
                    "\"" + text + "\" is not the id of a member. Give {\"value\": ID}, with the id that a list shows.",
                    e);
        }
    }
}
