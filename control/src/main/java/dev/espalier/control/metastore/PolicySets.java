package dev.espalier.control.metastore;

import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.ControlException.Code;
import dev.espalier.identity.Principal;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/** All policies of a catalog as one: shown, tried out and replaced together. A policy is known by its name and what it is on. */
public final class PolicySets {

    /** @param catalog with the epoch of its rules, which counts every change of them */
    public record PolicySet(Catalog catalog, List<DefinedPolicy> policies) {

        public PolicySet {
            policies = List.copyOf(policies);
        }
    }

    /**
     * What would be if a set were applied.
     *
     * @param epoch of the rules that it would be applied to
     * @param catalog as it would be
     * @param rules of the catalog as they would be
     * @param warnings what is worth knowing of its policies
     */
    public record Proposal(long epoch, Catalog catalog, Rules rules, List<String> warnings) {

        public Proposal {
            warnings = List.copyOf(warnings);
        }
    }

    private record Key(Securable on, String name) {
        static Key of(PolicyDefinition definition) {
            return new Key(definition.on(), definition.name());
        }

        boolean isLike(Key other) {
            return on.equals(other.on) && name.equalsIgnoreCase(other.name);
        }
    }

    private final Jdbi jdbi;
    private final Changes changes;
    private final Inventory inventory;
    private final Policies policies;
    private final Clock clock;

    PolicySets(Jdbi jdbi, Changes changes, Inventory inventory, Policies policies, Clock clock) {
        this.jdbi = jdbi;
        this.changes = changes;
        this.inventory = inventory;
        this.policies = policies;
        this.clock = clock;
    }

    /** The policies on the catalog and on all that lies in it, by name. */
    public PolicySet get(Principal who, String catalogName) {
        Catalog catalog = changes.catalog(who, catalogName);
        return new PolicySet(catalog, jdbi.withHandle(handle -> PolicyTable.of(handle, catalog)));
    }

    /**
     * Makes these the catalog's policies: new ones are defined, changed ones changed, and those that are not among them removed.
     * They are in force on every branch when this returns.
     *
     * @param epoch of the rules that the set was made for; with any other one it is refused
     */
    public Changed<PolicySet> apply(
            Principal who, String catalogName, List<PolicyDefinition> wanted, OptionalLong epoch) {
        Catalog catalog = changes.catalog(who, catalogName);
        LiveCatalog live = inventory.of(catalog);
        record Sets(PolicySet before, List<DefinedPolicy> after) {}
        Changes.Outcome<Sets> made = changes.make(
                catalog,
                (handle, current) -> {
                    refuseOutdated(current, epoch);
                    PolicySet before = new PolicySet(current, PolicyTable.of(handle, current));
                    replace(handle, current, live, who, wanted);
                    return new Sets(before, PolicyTable.of(handle, current));
                },
                (done, step) -> check(who, done.after(), step, live));
        Sets sets = made.done();
        List<String> warnings = changes.obeyed(made.catalog());
        warnings.addAll(remarks(made.step().after(), live, sets.after()));
        return new Changed<>(
                Optional.of(sets.before()), Optional.of(new PolicySet(made.catalog(), sets.after())), warnings);
    }

    /** What {@link #apply} would lead to. It is refused for the same reasons. */
    public Proposal propose(Principal who, String catalogName, List<PolicyDefinition> wanted) {
        Catalog catalog = changes.catalog(who, catalogName);
        LiveCatalog live = inventory.of(catalog);
        Changes.Outcome<List<DefinedPolicy>> outcome = changes.tryOut(
                catalog,
                (handle, current) -> replace(handle, current, live, who, wanted),
                (set, step) -> check(who, set, step, live));
        Rules after = outcome.step().after();
        return new Proposal(
                outcome.step().before().epoch(), outcome.catalog(), after, remarks(after, live, outcome.done()));
    }

    private static void refuseOutdated(Catalog current, OptionalLong epoch) {
        if (epoch.isPresent() && epoch.getAsLong() != current.epoch()) {
            throw new ControlException(
                    Code.INVALID_STATE,
                    "the rules of the catalog " + current.name() + " have changed since: their epoch is "
                            + current.epoch() + ", and not " + epoch.getAsLong()
                            + ". Replay the set again, or leave the epoch out.",
                    "RULES_HAVE_CHANGED",
                    Map.of("epoch", Long.toString(current.epoch())));
        }
    }

    private List<DefinedPolicy> replace(
            Handle handle, Catalog current, LiveCatalog live, Principal who, List<PolicyDefinition> wanted) {
        new Rights(current, live, GrantTable.of(handle, current)).require(who, Privilege.MANAGE, current.securable());
        PolicyCheck check = policies.check(handle, current, live, who);
        Map<Key, DefinedPolicy> before = new HashMap<>();
        PolicyTable.of(handle, current).forEach(policy -> before.put(Key.of(policy.definition()), policy));
        Set<String> had = before.values().stream().map(DefinedPolicy::id).collect(Collectors.toSet());
        Map<Key, DefinedPolicy> after = new HashMap<>();
        Instant now = clock.instant().truncatedTo(ChronoUnit.MICROS);
        for (PolicyDefinition definition : wanted) {
            refuseElsewhere(current, definition);
            Optional<DefinedPolicy> old =
                    Optional.ofNullable(before.remove(Key.of(definition))).or(() -> sole(before, Key.of(definition)));
            PolicyDefinition checked = Policies.checked(handle, check, definition, old.map(DefinedPolicy::definition));
            DefinedPolicy policy = old.filter(same -> same.definition().equals(checked))
                    .orElseGet(() -> new DefinedPolicy(
                            old.map(DefinedPolicy::id)
                                    .orElseGet(() -> UUID.randomUUID().toString()),
                            checked,
                            old.map(DefinedPolicy::createdBy).orElse(who.name()),
                            old.map(DefinedPolicy::createTime).orElse(now),
                            who.name(),
                            now));
            if (after.put(Key.of(checked), policy) != null) {
                throw new ControlException(
                        Code.INVALID_PARAMETER_VALUE,
                        "there are two policies " + checked.name() + " on " + Policies.words(checked.on())
                                + " in the set. Give one of them another name.");
            }
            PolicyTable.put(handle, current, policy);
        }
        refuseAlike(after.values(), had);
        before.values().forEach(gone -> PolicyTable.delete(handle, gone.id()));
        if (!wanted.isEmpty()) {
            Changes.look(handle, current, live);
        }
        return List.copyOf(after.values());
    }

    /** The only one whose name differs in capitals alone; it is taken out. */
    private static Optional<DefinedPolicy> sole(Map<Key, DefinedPolicy> before, Key wanted) {
        List<Key> alike = before.keySet().stream().filter(wanted::isLike).toList();
        return alike.size() == 1 ? Optional.ofNullable(before.remove(alike.getFirst())) : Optional.empty();
    }

    /** @param had ids of those that were there: of these, earlier ones can have been alike */
    private static void refuseAlike(Collection<DefinedPolicy> set, Set<String> had) {
        Map<Securable, Map<String, DefinedPolicy>> seen = new HashMap<>();
        for (DefinedPolicy policy : set) {
            Key key = Key.of(policy.definition());
            DefinedPolicy other = seen.computeIfAbsent(key.on(), _ -> new TreeMap<>(String.CASE_INSENSITIVE_ORDER))
                    .put(key.name(), policy);
            if (other != null && !(had.contains(policy.id()) && had.contains(other.id()))) {
                throw new ControlException(
                        Code.INVALID_PARAMETER_VALUE,
                        "there are two policies " + key.name() + " on " + Policies.words(key.on())
                                + " in the set, whose names differ in capitals alone. Give one of them another name.");
            }
        }
    }

    private static void refuseElsewhere(Catalog current, PolicyDefinition definition) {
        if (!definition.on().name().catalog().equals(current.name())) {
            throw new ControlException(
                    Code.INVALID_PARAMETER_VALUE,
                    "the policy " + definition.name() + " is on " + Policies.words(definition.on())
                            + ", and the set is the catalog " + current.name() + "'s. Put it into that catalog's set.");
        }
    }

    private void check(Principal who, List<DefinedPolicy> set, Changes.Step step, LiveCatalog live) {
        new SelfExemption(who.name(), step.before(), step.after()).refuseOfPolicies();
        Policies.refuseReading(who, step, live);
        set.forEach(policy -> Policies.refuseLockingOut(who, policy, step));
        new PolicyConflicts(step.after()).refuse(Policies.columns(step.after(), live), policy -> true);
        policies.refuseTypes(step, live, policy -> true);
    }

    private static List<String> remarks(Rules rules, LiveCatalog live, List<DefinedPolicy> set) {
        List<String> remarks = new ArrayList<>();
        set.forEach(policy -> remarks.addAll(Policies.remarks(rules, live, policy)));
        return remarks;
    }
}
