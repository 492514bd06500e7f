package dev.espalier.api.scim;

import com.fasterxml.jackson.annotation.JsonAlias;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.espalier.control.Directory.Change;
import dev.espalier.control.Directory.Entry;
import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.ControlException.Code;
import dev.espalier.identity.Principal;
import dev.espalier.identity.PrincipalKind;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What to change of a resource, step by step (RFC 7644, section 3.5.2). */
public record ScimPatch(
        @JsonProperty("Operations") @JsonAlias("operations") Optional<List<Operation>> operations) {

    /**
     * One step.
     *
     * @param op add, remove or replace
     * @param path an attribute, or {@code members[value eq "ID"]}; without one, the value has the attributes
     */
    public record Operation(Optional<String> op, Optional<String> path, Optional<Object> value) {}

    private static final Pattern MEMBER =
            Pattern.compile("members\\[\\s*value\\s+eq\\s+\"?(\\d+)\"?\\s*]", Pattern.CASE_INSENSITIVE);

    private enum Verb {
        ADD,
        REMOVE,
        REPLACE
    }

    Change apply(Entry entry) {
        Change change = Change.none(entry);
        for (Operation operation : operations.orElseThrow(() -> wrong("it has no Operations"))) {
            change = apply(entry.kind(), change, operation);
        }
        return change;
    }

    private static Change apply(PrincipalKind kind, Change change, Operation operation) {
        Verb verb = verb(operation.op().orElse(""));
        Object value = operation.value().orElse("");
        if (operation.path().isPresent()) {
            String path = operation.path().get();
            Matcher member = MEMBER.matcher(path);
            return member.matches()
                    ? members(kind, change, verb, Map.of("value", member.group(1)))
                    : set(kind, change, verb, path, value);
        }
        if (!(value instanceof Map<?, ?> attributes) || verb == Verb.REMOVE) {
            throw wrong("an operation without path needs an object of attributes as value, and cannot remove");
        }
        Change changed = change;
        for (Map.Entry<?, ?> attribute : attributes.entrySet()) {
            changed = set(kind, changed, verb, String.valueOf(attribute.getKey()), attribute.getValue());
        }
        return changed;
    }

    private static Verb verb(String text) {
        try {
            return Verb.valueOf(text.toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            throw wrong("op must be add, remove or replace, and is \"" + text + "\"");
        }
    }

    private static Change set(PrincipalKind kind, Change change, Verb verb, String path, Object value) {
        boolean gone = verb == Verb.REMOVE;
        return switch (path.toLowerCase(Locale.ROOT)) {
            case "members" -> members(kind, change, verb, value);
            case "active" ->
                new Change(change.name(), change.fullName(), change.externalId(), flag(value), change.members());
            case "externalid" ->
                new Change(
                        change.name(),
                        change.fullName(),
                        gone ? Optional.empty() : Optional.of(text(path, value)),
                        change.active(),
                        change.members());
            case "displayname" ->
                kind == PrincipalKind.USER
                        ? new Change(
                                change.name(),
                                gone ? Optional.empty() : Optional.of(text(path, value)),
                                change.externalId(),
                                change.active(),
                                change.members())
                        : renamed(change, text(path, value));
            case "username" -> renamed(change, Principal.folded(text(path, value)));
            default ->
                throw wrong("the path \"" + path + "\" cannot be changed; choose from active, displayName, externalId"
                        + (kind == PrincipalKind.GROUP ? ", members, members[value eq \"ID\"]" : ""));
        };
    }

    private static Change renamed(Change change, String name) {
        return new Change(name, change.fullName(), change.externalId(), change.active(), change.members());
    }

    private static Change members(PrincipalKind kind, Change change, Verb verb, Object value) {
        if (kind != PrincipalKind.GROUP) {
            throw wrong("only groups have members");
        }
        Set<Long> named = new HashSet<>();
        if (value instanceof List<?> several) {
            several.forEach(one -> named.add(member(one)));
        } else if (!"".equals(value)) {
            named.add(member(value));
        }
        Set<Long> members = new HashSet<>(change.members());
        switch (verb) {
            case ADD -> members.addAll(named);
            case REPLACE -> {
                members.clear();
                members.addAll(named);
            }
            case REMOVE -> {
                if (named.isEmpty()) {
                    members.clear();
                }
                members.removeAll(named);
            }
        }
        return new Change(change.name(), change.fullName(), change.externalId(), change.active(), members);
    }

    private static long member(Object value) {
        return ScimReference.number(
                value instanceof Map<?, ?> reference ? String.valueOf(reference.get("value")) : String.valueOf(value));
    }

    private static boolean flag(Object value) {
        return switch (String.valueOf(value).toLowerCase(Locale.ROOT)) {
            case "true" -> true;
            case "false" -> false;
            default -> throw wrong("active must be true or false");
        };
    }

    private static String text(String path, Object value) {
        if (value instanceof String text && !text.isBlank()) {
            return text;
        }
        throw wrong(path + " must be a text");
    }

    private static ControlException wrong(String what) {
        return new ControlException(Code.INVALID_PARAMETER_VALUE, "the patch cannot be applied: " + what + ".");
    }
}
