package dev.espalier.control.metastore;

import dev.espalier.control.metastore.Reach.Hit;
import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.ControlException.Code;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

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
    private record Target(SecurableName table, Optional<String> column) {}

    /** That both bind somebody. */
    private record Both(Hit one, Hit other, String subject) {}

    private final Rules rules;
    private final Reach reach;

    PolicyConflicts(Rules rules) {
        this.rules = rules;
        this.reach = new Reach(rules);
    }

    /** @param concerned only conflicts with one of these policies count */
    void refuse(Columns columns, Predicate<Policy> concerned) {
        for (Kind kind : Kind.values()) {
            refuse(kind, columns, concerned);
        }
    }

    /** Refuses a conflict where none of its kind was before. */
    void refuseNew(Rules before, Columns columns) {
        for (Kind kind : Kind.values()) {
            if (new PolicyConflicts(before).find(kind, columns, policy -> true).isEmpty()) {
                refuse(kind, columns, policy -> true);
            }
        }
    }

    private void refuse(Kind kind, Columns columns, Predicate<Policy> concerned) {
        find(kind, columns, concerned).ifPresent(both -> {
            throw refused(kind, both.one(), both.other(), both.subject());
        });
    }

    private Optional<Both> find(Kind kind, Columns columns, Predicate<Policy> concerned) {
        Map<Target, List<Hit>> byTarget = new LinkedHashMap<>();
        for (Policy policy : rules.policies()) {
            if (Kind.of(policy) == kind) {
                reach.of(policy, columns)
                        .forEach(hit -> byTarget.computeIfAbsent(
                                        new Target(hit.table(), hit.column()), _ -> new ArrayList<>())
                                .add(hit));
            }
        }
        return byTarget.values().stream()
                .flatMap(hits -> first(hits, concerned).stream())
                .findFirst();
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

    private Optional<Both> first(List<Hit> hits, Predicate<Policy> concerned) {
        for (int i = 0; i < hits.size(); i++) {
            for (int j = i + 1; j < hits.size(); j++) {
                Hit one = hits.get(i);
                Hit other = hits.get(j);
                if (!one.call().equals(other.call())
                        && (concerned.test(one.policy()) || concerned.test(other.policy()))) {
                    // Where an agent's mask is another than his for whom it acts, both read nothing: there is nothing
                    // to refuse.
                    Optional<Both> both = rules.subjects().stream()
                            .filter(subject -> subject.agent().isEmpty()
                                    && one.policy().binds(subject)
                                    && other.policy().binds(subject))
                            .map(subject -> new Both(one, other, subject.name()))
                            .findFirst();
                    if (both.isPresent()) {
                        return both;
                    }
                }
            }
        }
        return Optional.empty();
    }
}
