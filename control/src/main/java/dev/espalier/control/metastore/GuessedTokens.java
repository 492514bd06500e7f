package dev.espalier.control.metastore;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Finds changes by which somebody would be shown tokens of what he has written himself. Whom a mask with a key binds and who may change the
 * table reads NULL: by guesses that he writes he could find out what other tokens stand for. When he may not change it any more, he
 * is shown them.
 */
final class GuessedTokens {

    private final Rules before;
    private final Rules after;
    private final Set<String> keyed;

    GuessedTokens(Rules before, Rules after, MaskFunctions library) {
        this.before = before;
        this.after = after;
        keyed = library.functions().stream()
                .filter(MaskFunction::keyed)
                .map(function -> MaskFunctions.PREFIX + function.name())
                .collect(Collectors.toSet());
    }

    /** A policy whose tokens hide a table's values from him, who could change the table and could not any more. */
    record Found(Policy policy, SecurableName table) {}

    /** @param columns is asked only where a mask with a key binds him */
    Optional<Found> of(String principal, Supplier<Columns> columns) {
        List<Self> selves = Stream.of(
                        Self.of(own(before, principal), own(after, principal)),
                        Self.of(agent(before, principal), agent(after, principal)))
                .flatMap(Optional::stream)
                .toList();
        List<Policy> binding = after.policies().stream()
                .filter(policy -> policy.effect() instanceof Policy.ColumnMask
                        && keyed.contains(policy.effect().function())
                        && selves.stream().anyMatch(self -> self.isBoundBy(policy)))
                .toList();
        if (binding.isEmpty()) {
            return Optional.empty();
        }
        Reach reach = new Reach(after);
        Columns all = columns.get();
        return binding.stream()
                .flatMap(policy -> reach.of(policy, all).stream().map(hit -> new Found(policy, hit.table())))
                .filter(found -> selves.stream()
                        .anyMatch(self -> self.isBoundBy(found.policy())
                                && writes(before, self.was(), found.table(), grant -> true)
                                && !writes(
                                        after,
                                        self.is(),
                                        found.table(),
                                        grant -> grant.notOn().isEmpty())))
                .findFirst();
    }

    /** One that signs in, or acts for others who do, before the change and after it. */
    private record Self(Subject was, Subject is) {

        static Optional<Self> of(Optional<Subject> was, Optional<Subject> is) {
            return was.flatMap(before -> is.map(after -> new Self(before, after)));
        }

        boolean isBoundBy(Policy policy) {
            return policy.binds(was) && policy.binds(is);
        }
    }

    private static Optional<Subject> own(Rules rules, String principal) {
        return rules.subjects().stream()
                .filter(subject -> subject.name().equals(principal))
                .findFirst();
    }

    private static Optional<Subject> agent(Rules rules, String principal) {
        return rules.subjects().stream()
                .flatMap(subject -> subject.agent().stream())
                .filter(agent -> agent.name().equals(principal))
                .findFirst();
    }

    /**
     * Whether he may change the table, by any of its names.
     *
     * @param counted which grants are: one that is not for a table that had its name before may be for this one, or not
     */
    private static boolean writes(Rules rules, Subject subject, SecurableName table, Predicate<Grant> counted) {
        return subject.manages()
                || (isGiven(rules, subject, table, Privilege.SELECT, counted)
                        && isGiven(rules, subject, table, Privilege.MODIFY, counted));
    }

    private static boolean isGiven(
            Rules rules, Subject subject, SecurableName table, Privilege privilege, Predicate<Grant> counted) {
        return Stream.concat(Stream.of(table), rules.renames().bothWays().of(table).stream())
                .anyMatch(name -> Stream.of(Privilege.USE_CATALOG, Privilege.USE_SCHEMA, privilege)
                        .allMatch(each -> rules.grants().stream()
                                .filter(counted)
                                .anyMatch(grant -> gives(grant, subject, each, name))));
    }

    private static boolean gives(Grant grant, Subject subject, Privilege privilege, SecurableName table) {
        return grant.on().type() != SecurableType.FUNCTION
                && grant.on().name().covers(table)
                && grant.privilege().includes(privilege)
                && subject.names().contains(grant.principal());
    }
}
