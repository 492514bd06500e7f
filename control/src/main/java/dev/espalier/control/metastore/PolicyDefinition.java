package dev.espalier.control.metastore;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A policy as it is written down.
 *
 * @param when a condition on the tags of tables, as {@link ConditionParser} reads it; {@link #ALWAYS} where none was given
 */
public record PolicyDefinition(
        String name,
        Optional<String> comment,
        Securable on,
        Set<String> to,
        Set<String> except,
        String when,
        List<MatchText> match,
        Policy.Effect effect) {

    /** No condition on the tags of tables: it holds for all of them. */
    public static final String ALWAYS = "";

    /**
     * Columns that the policy needs, with the condition as it is written.
     *
     * @param alias {@link Policy.Match#UNNAMED} where nothing refers to them
     */
    public record MatchText(String alias, String condition) {}

    public PolicyDefinition {
        when = when.isBlank() ? ALWAYS : when;
        to = Set.copyOf(to);
        except = Set.copyOf(except);
        match = List.copyOf(match);
    }

    /** @throws dev.espalier.control.request.ControlException if a condition cannot be read */
    Policy compile(String id) {
        return new Policy(
                id,
                name,
                comment,
                on,
                to,
                except,
                when.equals(ALWAYS) ? new Condition.Always() : ConditionParser.parse(when),
                match.stream()
                        .map(text -> new Policy.Match(text.alias(), ConditionParser.parse(text.condition())))
                        .toList(),
                effect);
    }

    /** The same by another name. */
    public PolicyDefinition named(String newName) {
        return new PolicyDefinition(newName, comment, on, to, except, when, match, effect);
    }

    /** The same with the function's full name in the one form that it is kept in; nothing is changed in what is no full name. */
    PolicyDefinition withPlainFunction() {
        String function = SecurableNames.function(effect.function())
                .map(SecurableName::toString)
                .orElse(effect.function());
        Policy.Effect plain = switch (effect) {
            case Policy.RowFilter filter -> new Policy.RowFilter(function, filter.using());
            case Policy.ColumnMask mask -> new Policy.ColumnMask(function, mask.onColumn(), mask.using());
        };
        return new PolicyDefinition(name, comment, on, to, except, when, match, plain);
    }

    /** The same for other principals, whose names are as the directory has them. */
    public PolicyDefinition with(Set<String> newTo, Set<String> newExcept) {
        return new PolicyDefinition(name, comment, on, newTo, newExcept, when, match, effect);
    }
}
