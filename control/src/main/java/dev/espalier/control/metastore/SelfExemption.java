package dev.espalier.control.metastore;

import dev.espalier.control.metastore.Reach.Hit;
import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.ControlException.Code;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** Refuses changes by which whoever makes them would himself see more than before, or find it out, whatever else he may do. */
final class SelfExemption {

    /** What stands instead of a mask on a column that nobody has looked at. */
    private static final String UNSEEN = "nothing, as nobody has classified it";

    private final String actor;
    private final Rules before;
    private final Rules after;

    /** @param actor name of who makes the change */
    SelfExemption(String actor, Rules before, Rules after) {
        this.actor = actor;
        this.before = before;
        this.after = after;
    }

    /** After a change of policies, or of who is in which group. */
    void refuseOfPolicies() {
        Optional<Subject> was = subject(before);
        Optional<Subject> is = subject(after);
        if (was.isEmpty() || is.isEmpty()) {
            return;
        }
        for (Policy policy : before.policies()) {
            if (policy.binds(was.get()) && after.policies().stream().noneMatch(same -> holds(policy, same, is.get()))) {
                throw refused("the policy " + policy.name() + " would no longer apply to them as it does");
            }
        }
    }

    private static boolean holds(Policy policy, Policy same, Subject actor) {
        return same.id().equals(policy.id())
                && same.binds(actor)
                && same.on().equals(policy.on())
                && same.when().equals(policy.when())
                && same.match().equals(policy.match())
                && same.effect().equals(policy.effect());
    }

    /**
     * After a change of grants, or of who is in which group. Of whom a policy binds only what is given on a function itself lets
     * him call one that runs with its owner's rights, and so sees what is hidden from him.
     */
    void refuseOfGrants() {
        Optional<Subject> subject = subject(after);
        if (subject.isEmpty() || after.policies().stream().noneMatch(policy -> policy.binds(subject.get()))) {
            return;
        }
        Set<Securable> gained = executable(after, subject.get());
        subject(before).ifPresent(was -> gained.removeAll(executable(before, was)));
        if (!gained.isEmpty()) {
            throw refused("a policy binds them, and they could call "
                    + gained.iterator().next().name() + ", which may run with its owner's rights");
        }
    }

    /**
     * After a change of grants, or of who is in which group, or who manages what.
     *
     * @param columns is asked only where a mask with a key binds him
     */
    void refuseOfTokens(MaskFunctions library, Supplier<Columns> columns) {
        new GuessedTokens(before, after, library).of(actor, columns).ifPresent(found -> {
            throw refused("the policy " + found.policy().name() + " would show them tokens in "
                    + found.table()
                    + ", which read NULL as long as they may change the table: what they have written there tells what "
                    + "the tokens stand for");
        });
    }

    private static Set<Securable> executable(Rules rules, Subject subject) {
        Set<Securable> functions = new HashSet<>();
        for (Grant grant : rules.grants()) {
            if (grant.on().type() == SecurableType.FUNCTION
                    && Set.of(Privilege.EXECUTE, Privilege.ALL_PRIVILEGES).contains(grant.privilege())
                    && subject.names().contains(grant.principal())) {
                functions.add(grant.on());
            }
        }
        return functions;
    }

    /** After a change of tags. */
    void refuseOfTags(Columns columns) {
        Optional<Subject> subject = subject(before);
        if (subject.isEmpty() || before.policies().stream().noneMatch(policy -> policy.binds(subject.get()))) {
            return;
        }
        refuseOfTags(before, after, subject.get(), columns);
        if (!before.renames().equals(Renames.NONE)) {
            // What has come under the earlier name of another thing has nothing of that one's.
            refuseOfTags(before.withoutRenames(), after.withoutRenames(), subject.get(), columns);
        }
    }

    /**
     * After a change of policies or tags: which rows a filter keeps, and what a mask makes of a column, shows others what was in the columns
     * that it was given, and one of those others can be an agent of his. What a policy would be given that asks for no tag comes only later, or
     * on another branch.
     */
    void refuseOfReading(Columns columns) {
        Optional<Subject> subject = subject(after);
        if (subject.isEmpty() || after.policies().stream().noneMatch(policy -> policy.binds(subject.get()))) {
            return;
        }
        after.policies().stream()
                .filter(policy -> !before.policies().contains(policy) && readsWithoutTags(policy))
                .findFirst()
                .ifPresent(policy -> {
                    throw new ControlException(
                            Code.PERMISSION_DENIED,
                            "the policy " + policy.name() + " would be given columns without a tag, and a policy binds "
                                    + actor
                                    + ", from whom columns that are yet to come may be hidden. The rule: whom a "
                                    + "policy binds gives a policy's function only columns that have a tag, administrators "
                                    + "included. Ask for a tag in the condition (has_tag, has_tag_value), or ask one whom no "
                                    + "policy binds.",
                            "READS_WITHOUT_TAGS",
                            Map.of("principal", actor, "policy", policy.name()));
                });
        Set<String> hidden = effects(after, subject.get(), columns).keySet();
        List<Reading> read = readings(before, columns).toList();
        readings(after, columns)
                .filter(reading -> hidden.contains(reading.where()) && !read.contains(reading))
                .findFirst()
                .ifPresent(reading -> {
                    throw new ControlException(
                            Code.PERMISSION_DENIED,
                            "the policy " + reading.policy().name() + " would be given " + reading.where()
                                    + ", which is hidden from " + actor
                                    + ": whoever the policy is for could tell them what is in it. The rule: nobody writes "
                                    + "a policy over values that are hidden from them, administrators included. Ask a principal who sees the "
                                    + "values.",
                            "READS_WHAT_IS_HIDDEN",
                            Map.of("principal", actor, "column", reading.where()));
                });
    }

    private static boolean readsWithoutTags(Policy policy) {
        return policy.match().stream()
                .anyMatch(match -> policy.effect().using().contains(new Policy.Alias(match.alias()))
                        && match.condition().holds(Map.of()));
    }

    /**
     * A column that a policy's function is given, besides the one that it masks.
     *
     * @param target what the policy is about, in which the function shows something of the column
     */
    private record Reading(Policy policy, String target, String where) {}

    private static Stream<Reading> readings(Rules rules, Columns columns) {
        Reach reach = new Reach(rules);
        return rules.policies().stream()
                .flatMap(policy -> reach.of(policy, columns).stream())
                .flatMap(hit -> hit.read().stream()
                        .map(column -> new Reading(
                                hit.policy(), hit.where(), hit.table().column(column))));
    }

    private void refuseOfTags(Rules before, Rules after, Subject subject, Columns columns) {
        Map<String, Set<String>> was = effects(before, subject, columns);
        Map<String, Set<String>> is = effects(after, subject, columns);
        was.forEach((where, calls) -> {
            Set<String> now = is.getOrDefault(where, Set.of());
            Set<String> lost = new HashSet<>(calls);
            lost.removeAll(now);
            if (!now.isEmpty()) {
                lost.remove(UNSEEN);
            }
            if (!lost.isEmpty()) {
                throw refused("of " + where + " they see " + String.join(" and ", lost) + ", and would no longer");
            }
        });
    }

    private static Map<String, Set<String>> effects(Rules rules, Subject subject, Columns columns) {
        Reach reach = new Reach(rules);
        List<Policy> binding = rules.policies().stream()
                .filter(policy -> policy.binds(subject))
                .toList();
        Map<String, Set<String>> effects = new HashMap<>();
        for (Policy policy : binding) {
            for (Hit hit : reach.of(policy, columns)) {
                effects.computeIfAbsent(hit.where(), _ -> new HashSet<>()).add(hit.call());
            }
        }
        columns.byTable().forEach((table, names) -> {
            boolean masked = binding.stream()
                    .anyMatch(policy -> policy.effect() instanceof Policy.ColumnMask && reach.covers(policy, table));
            if (masked) {
                names.stream()
                        .filter(column -> reach.isUnclassified(table, column))
                        .forEach(column -> effects.computeIfAbsent(table.column(column), _ -> new HashSet<>())
                                .add(UNSEEN));
            }
        });
        return effects;
    }

    private Optional<Subject> subject(Rules rules) {
        return rules.subjects().stream()
                .filter(subject -> subject.name().equals(actor))
                .findFirst();
    }

    private ControlException refused(String because) {
        return new ControlException(
                Code.PERMISSION_DENIED,
                actor
                        + " would see more after this change, because " + because
                        + ". The rule: nobody exempts themselves from a policy, administrators included. Ask a "
                        + "principal whom the policy does not bind.",
                "SELF_EXEMPTION",
                Map.of("principal", actor));
    }
}
