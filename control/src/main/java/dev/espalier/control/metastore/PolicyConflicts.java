package dev.espalier.control.metastore;

import dev.espalier.control.metastore.Reach.Hit;
import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.ControlException.Code;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Refuses two masks on one column, and two row filters on one table, for one principal: nobody could say which of them he sees. */
final class PolicyConflicts {

    /** What can be had only once. */
    private enum Kind {
        MASK,
        FILTER;

        private static Kind of(Policy policy) {
            return switch (policy.effect()) {
                case Policy.ColumnMask _ -> MASK;
                case Policy.RowFilter _ -> FILTER;
            };
        }
    }

    /** What a policy does something to; without a column the table. */
    private record Target(SecurableName table, Optional<String> column) {

        static Target of(Hit hit) {
            return new Target(hit.table(), hit.column());
        }
    }

    /** That both bind somebody. */
    private record Both(Hit one, Hit other, String subject) {

        Conflict conflict() {
            // One policy can be in conflict with itself, where several columns go by one of its aliases.
            Set<String> policies =
                    Stream.of(one, other).map(hit -> hit.policy().id()).collect(Collectors.toUnmodifiableSet());
            return new Conflict(Target.of(one), policies, subject);
        }
    }

    /** What tells two conflicts apart. */
    private record Conflict(Target target, Set<String> policies, String subject) {}

    private final Rules rules;
    private final Reach reach;

    PolicyConflicts(Rules rules) {
        this.rules = rules;
        this.reach = new Reach(rules);
    }

    /** @param concerned only conflicts with one of these policies count */
    void refuse(Columns columns, Predicate<Policy> concerned) {
        for (Kind kind : Kind.values()) {
            refuse(kind, find(kind, columns, concerned));
        }
    }

    /** Refuses conflicts that were not there before. */
    void refuseNew(Rules before, Columns columns) {
        for (Kind kind : Kind.values()) {
            if (find(kind, columns, policy -> true).findAny().isPresent()) {
                Set<Conflict> had = new PolicyConflicts(before)
                        .find(kind, columns, policy -> true)
                        .map(Both::conflict)
                        .collect(Collectors.toSet());
                refuse(kind, find(kind, columns, policy -> true).filter(both -> !had.contains(both.conflict())));
            }
        }
    }

    private static void refuse(Kind kind, Stream<Both> conflicts) {
        conflicts.findFirst().ifPresent(both -> {
            throw refused(kind, both.one(), both.other(), both.subject());
        });
    }

    private Stream<Both> find(Kind kind, Columns columns, Predicate<Policy> concerned) {
        Map<Target, List<Hit>> byTarget = new LinkedHashMap<>();
        for (Policy policy : rules.policies()) {
            if (Kind.of(policy) == kind) {
                reach.of(policy, columns)
                        .forEach(hit -> byTarget.computeIfAbsent(Target.of(hit), _ -> new ArrayList<>())
                                .add(hit));
            }
        }
        return byTarget.values().stream().flatMap(hits -> among(hits, concerned));
    }

    private static ControlException refused(Kind kind, Hit one, Hit other, String subject) {
        String names = one.policy().name() + " and " + other.policy().name();
        String both = one.call() + " of the policy " + one.policy().name() + " and " + other.call() + " of the policy "
                + other.policy().name();
        Map<String, String> policies =
                Map.of("policies", one.policy().name() + "," + other.policy().name());
        return switch (kind) {
            case MASK ->
                new ControlException(
                        Code.INVALID_STATE,
                        "two masks on one column: for " + subject + " the column " + one.where() + " would have " + both
                                + ". The rule: a column has at most one distinct mask for each principal. Put "
                                + subject + " into "
                                + "except_principals of one of " + names + ", or let their columns not overlap.",
                        "MULTIPLE_MASKS",
                        with(policies, "column", one.where()));
            case FILTER ->
                new ControlException(
                        Code.INVALID_STATE,
                        "two row filters on one table: for " + subject + " the rows of " + one.where()
                                + " would be filtered by " + both
                                + ". The rule: a table has at most one distinct row filter for each principal. Put "
                                + subject
                                + " into except_principals of one of " + names
                                + ", let their tables not overlap, or filter by one function that asks for both.",
                        "MULTIPLE_ROW_FILTERS",
                        with(policies, "table", one.where()));
        };
    }

    private static Map<String, String> with(Map<String, String> details, String key, String value) {
        Map<String, String> more = new LinkedHashMap<>(details);
        more.put(key, value);
        return more;
    }

    private Stream<Both> among(List<Hit> hits, Predicate<Policy> concerned) {
        return IntStream.range(0, hits.size())
                .boxed()
                .flatMap(i ->
                        hits.subList(i + 1, hits.size()).stream().flatMap(other -> of(hits.get(i), other, concerned)));
    }

    private Stream<Both> of(Hit one, Hit other, Predicate<Policy> concerned) {
        boolean counts =
                !one.call().equals(other.call()) && (concerned.test(one.policy()) || concerned.test(other.policy()));
        // Where an agent's mask is another than his for whom it acts, both read nothing: there is nothing to refuse.
        return counts
                ? rules.subjects().stream()
                        .filter(subject -> subject.agent().isEmpty()
                                && one.policy().binds(subject)
                                && other.policy().binds(subject))
                        .map(subject -> new Both(one, other, subject.name()))
                : Stream.empty();
    }
}
