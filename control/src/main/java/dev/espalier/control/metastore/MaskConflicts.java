package dev.espalier.control.metastore;

import dev.espalier.control.ControlException;
import dev.espalier.control.ControlException.Code;
import dev.espalier.control.metastore.Reach.Hit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/** Refuses two masks on one column for one principal: nobody could say which of them he sees. */
final class MaskConflicts {

    /** That both bind somebody. */
    private record Both(Hit one, Hit other, String subject) {}

    private final Rules rules;
    private final Reach reach;

    MaskConflicts(Rules rules) {
        this.rules = rules;
        this.reach = new Reach(rules);
    }

    /** @param concerned only conflicts with one of these policies count */
    void refuse(Columns columns, Predicate<Policy> concerned) {
        find(columns, concerned).ifPresent(both -> {
            throw refused(both.one(), both.other(), both.subject());
        });
    }

    /** Refuses a conflict that was not there before. */
    void refuseNew(Rules before, Columns columns) {
        if (new MaskConflicts(before).find(columns, policy -> true).isEmpty()) {
            refuse(columns, policy -> true);
        }
    }

    private Optional<Both> find(Columns columns, Predicate<Policy> concerned) {
        Map<String, List<Hit>> byColumn = new HashMap<>();
        for (Policy policy : rules.policies()) {
            if (policy.effect() instanceof Policy.ColumnMask) {
                reach.of(policy, columns)
                        .forEach(hit -> byColumn.computeIfAbsent(hit.where(), _ -> new ArrayList<>())
                                .add(hit));
            }
        }
        return byColumn.values().stream()
                .flatMap(hits -> first(hits, concerned).stream())
                .findFirst();
    }

    private static ControlException refused(Hit one, Hit other, String subject) {
        String names = one.policy().name() + " and " + other.policy().name();
        return new ControlException(
                Code.INVALID_STATE,
                "two masks on one column: for " + subject + " the column " + one.where() + " would have " + one.call()
                        + " of the policy " + one.policy().name() + " and " + other.call() + " of the policy "
                        + other.policy().name()
                        + ". The rule: a column has at most one distinct mask for each principal. Put him into "
                        + "except_principals of one of " + names + ", or let their columns not overlap.",
                "MULTIPLE_MASKS",
                Map.of(
                        "column",
                        one.where(),
                        "policies",
                        one.policy().name() + "," + other.policy().name()));
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
