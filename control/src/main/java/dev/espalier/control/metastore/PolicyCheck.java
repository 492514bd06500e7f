package dev.espalier.control.metastore;

import dev.espalier.control.metastore.Policy.Alias;
import dev.espalier.control.metastore.Policy.Argument;
import dev.espalier.control.metastore.Policy.ColumnMask;
import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.ControlException.Code;
import dev.espalier.identity.Principal;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Checks that a policy means something: its names, its conditions, its function. */
final class PolicyCheck {

    private static final int LONGEST_NAME = 255;
    private static final String BOOLEAN = "boolean";

    private final Catalog catalog;
    private final LiveCatalog live;
    private final MaskFunctions library;
    private final Map<String, GovernedTag> tags;
    private final Principal author;
    private final Rights rights;

    PolicyCheck(
            Catalog catalog,
            LiveCatalog live,
            MaskFunctions library,
            List<GovernedTag> tags,
            Principal author,
            Rights rights) {
        this.catalog = catalog;
        this.live = live;
        this.library = library;
        this.author = author;
        this.rights = rights;
        this.tags = tags.stream().collect(Collectors.toMap(GovernedTag::key, tag -> tag));
    }

    /**
     * What stays as it is, is not asked for: branches from an earlier day have tables, and functions, that the default branch has no more.
     *
     * @param had the policy so far
     * @throws ControlException naming the rule that is broken
     */
    void require(PolicyDefinition policy, Optional<PolicyDefinition> had) {
        checkName(policy.name());
        refuseFunction(policy.on());
        if (policy.to().isEmpty()) {
            throw wrong("to_principals is empty: the policy would bind nobody. Name whom it is for; \""
                    + Subject.EVERYONE + "\" means all.");
        }
        if (had.filter(before -> before.on().equals(policy.on())).isEmpty()) {
            new Existence(catalog, live).require(policy.on());
        }
        Policy compiled = policy.compile("");
        checkTags(compiled.when());
        Set<String> aliases = new HashSet<>();
        for (Policy.Match match : compiled.match()) {
            checkTags(match.condition());
            if (match.alias().equals(Policy.Match.UNNAMED)) {
                continue;
            }
            if (match.alias().isBlank()) {
                throw wrong("an entry of match_columns has an alias of spaces. Give it a name, or no alias.");
            }
            if (!aliases.add(match.alias())) {
                throw wrong("match_columns has the alias " + match.alias() + " twice. Give each entry one of its own.");
            }
        }
        if (compiled.effect() instanceof ColumnMask mask && !aliases.contains(mask.onColumn())) {
            throw unknownAlias("on_column", mask.onColumn(), aliases);
        }
        for (Argument argument : compiled.effect().using()) {
            if (argument instanceof Alias(String name) && !aliases.contains(name)) {
                throw unknownAlias("using", name, aliases);
            }
        }
        if (had.filter(before -> before.effect().equals(policy.effect())).isEmpty()) {
            boolean another = had.filter(before ->
                            before.effect().function().equals(policy.effect().function()))
                    .isEmpty();
            checkFunction(compiled.effect(), another);
        }
    }

    /** @throws ControlException if it is a function, which has no policies, though a table may be called like it */
    static void refuseFunction(Securable on) {
        if (on.type() == SecurableType.FUNCTION) {
            throw wrong("a policy is on a catalog, a schema or a table, and not on a function. Name the table.");
        }
    }

    private static void checkName(String name) {
        if (name.isBlank() || name.length() > LONGEST_NAME || name.indexOf('/') >= 0 || name.indexOf('\0') >= 0) {
            throw wrong("\"" + name + "\" cannot be a policy's name. Use 1 to " + LONGEST_NAME
                    + " characters, not only spaces, without a slash.");
        }
    }

    private void checkTags(Condition condition) {
        AskedTag.in(condition).forEach(asked -> {
            GovernedTag tag = tags.get(asked.key());
            if (tag == null) {
                throw GovernedTags.unknown(asked.key());
            }
            asked.value().filter(value -> !tag.allows(value)).ifPresent(value -> {
                throw wrong("the governed tag " + tag.key() + " has no value \"" + value
                        + "\", so that the condition would never hold. Its values are: "
                        + String.join(", ", tag.values()) + ".");
            });
        });
    }

    private static ControlException unknownAlias(String field, String alias, Set<String> aliases) {
        return wrong(field + " names " + alias + ", and match_columns has no such alias"
                + (aliases.isEmpty() ? "" : ": it has " + String.join(", ", aliases)) + ". Add an entry with it.");
    }

    /** @param another whether the policy did not call it so far */
    private void checkFunction(Policy.Effect effect, boolean another) {
        boolean mask = effect instanceof ColumnMask;
        int arguments = effect.using().size() + (mask ? 1 : 0);
        if (effect.function().startsWith(MaskFunctions.PREFIX)) {
            checkBuiltIn(effect.function(), arguments, mask);
        } else {
            List<LiveCatalog.Function> fit =
                    checkOwn(SecurableNames.parse(SecurableType.FUNCTION, effect.function()), arguments, mask);
            if (another) {
                refuseOfOthers(effect.function(), fit);
            }
        }
    }

    private void checkBuiltIn(String function, int arguments, boolean mask) {
        MaskFunction found = library.functions().stream()
                .filter(candidate -> function.equals(MaskFunctions.PREFIX + candidate.name()))
                .findFirst()
                .orElseThrow(() -> new ControlException(
                        Code.NOT_FOUND,
                        "there is no function " + function + ". There are: "
                                + library.functions().stream()
                                        .map(MaskFunction::name)
                                        .sorted()
                                        .collect(Collectors.joining(", "))
                                + "."));
        if (mask == found.returns().equals(BOOLEAN)) {
            throw wrong(
                    mask
                            ? function + " tells rows apart, and masks no column. Use it for a row filter."
                            : function + " is a mask, and tells no row from another. Use " + MaskFunctions.PREFIX
                                    + "is_one_of or is_none_of, or a function of the catalog " + catalog.name()
                                    + " that answers with boolean.");
        }
        if (!found.takes(arguments)) {
            throw wrong(function + " is given " + arguments + " arguments" + (mask ? ", the column included," : "")
                    + " and takes " + found.signature() + ". Change using.");
        }
    }

    /** Whom a policy binds calls its function: nobody gives by a policy what is not his to call. */
    private void refuseOfOthers(String function, List<LiveCatalog.Function> called) {
        if (called.stream().anyMatch(each -> !rights.mayCall(author, each))) {
            throw new ControlException(
                    Code.PERMISSION_DENIED,
                    author.name() + " may not call the function " + function
                            + ", and would give it to all whom the policy binds. The rule: the author of a policy owns its"
                            + " function, or has EXECUTE or MANAGE on it, unless PUBLIC may execute it. Ask one who may manage"
                            + " the function for GRANT EXECUTE ON FUNCTION.");
        }
    }

    /** @return those that a branch may take; which of them is said by the types there */
    private List<LiveCatalog.Function> checkOwn(Securable function, int arguments, boolean mask) {
        if (!function.name().catalog().equals(catalog.name())) {
            throw wrong("the function " + function.name()
                    + " lies in another catalog than what the policy is on. Use one of " + catalog.name()
                    + " or of system.mask.");
        }
        new Existence(catalog, live).requireFunctions(function.name());
        List<LiveCatalog.Function> taking = taking(live, function, arguments);
        if (taking.isEmpty()) {
            throw wrong(function.name() + " is given " + arguments + " arguments"
                    + (mask ? ", the column included," : "") + " and takes another number. Change using.");
        }
        List<LiveCatalog.Function> fit = taking.stream()
                .filter(candidate -> flaw(candidate, mask).isEmpty())
                .toList();
        // Of several functions of the name a branch takes one that will do.
        if (fit.isEmpty()) {
            throw wrong("the function " + function.name() + " "
                    + flaw(taking.getFirst(), mask).orElseThrow());
        }
        return fit;
    }

    /** Those of the functions of a name that serve as masks, given so many arguments, the column included. */
    static List<LiveCatalog.Function> masks(LiveCatalog live, Securable function, int arguments) {
        return taking(live, function, arguments).stream()
                .filter(candidate -> flaw(candidate, true).isEmpty())
                .toList();
    }

    private static List<LiveCatalog.Function> taking(LiveCatalog live, Securable function, int arguments) {
        return live.functions(SecurableNames.schema(function.name()), SecurableNames.object(function.name())).stream()
                .filter(candidate -> candidate.takes(arguments))
                .toList();
    }

    /** Why the function serves no policy; empty if it does. */
    private static Optional<String> flaw(LiveCatalog.Function function, boolean mask) {
        if (!mask && !function.returns().equals(BOOLEAN)) {
            return Optional.of("answers with " + function.returns()
                    + ", and a row filter's function with boolean: true keeps the row.");
        }
        if (function.volatility().equals("volatile")) {
            return Optional.of(
                    "is volatile: it could answer differently for the same row. Declare it STABLE or IMMUTABLE.");
        }
        if (function.raises()) {
            return Optional.of(
                    "has RAISE or ASSERT in it, or in what it calls: the message would show the value to those"
                            + " from whom the policy hides it. Give NULL, or false to hide a row, where it would raise one.");
        }
        if (function.definer()) {
            return Optional.of(
                    "is SECURITY DEFINER: it would read with its owner's rights. Declare it SECURITY INVOKER.");
        }
        if (!function.bound()) {
            return Optional.of("means something else for each caller's settings. Write its body as BEGIN ATOMIC … "
                    + "END, or SET search_path for it, with pg_temp as the last: where it is not named, a caller's"
                    + " temporary tables are found first. If the body has a backslash, SET"
                    + " standard_conforming_strings = on for it, too.");
        }
        return Optional.empty();
    }

    private static ControlException wrong(String message) {
        return new ControlException(Code.INVALID_PARAMETER_VALUE, message);
    }
}
