package dev.espalier.control.metastore;

import dev.espalier.control.ControlException;
import dev.espalier.control.ControlException.Code;
import dev.espalier.identity.Principal;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/** What can be asked of policies. */
public final class Policies {

    private final Jdbi jdbi;
    private final Changes changes;
    private final Inventory inventory;
    private final MaskFunctions library;
    private final Clock clock;

    Policies(Jdbi jdbi, Changes changes, Inventory inventory, MaskFunctions library, Clock clock) {
        this.jdbi = jdbi;
        this.changes = changes;
        this.inventory = inventory;
        this.library = library;
        this.clock = clock;
    }

    /** The policy of this name on the thing itself, whose capitals count only where there are several but for these. */
    public Optional<DefinedPolicy> find(Principal who, Securable on, String name) {
        Catalog catalog = changes.catalog(who, on.name().catalog());
        return jdbi.withHandle(handle -> PolicyTable.find(handle, catalog, on, name));
    }

    /** @throws ControlException if there is none of this name on it */
    public DefinedPolicy get(Principal who, Securable on, String name) {
        Catalog catalog = changes.catalog(who, on.name().catalog());
        return jdbi.withHandle(handle -> find(handle, catalog, on, name));
    }

    /**
     * The policies on something, also by an earlier name of it, by name.
     *
     * @param inherited also those on what it lies in, or lay in by an earlier name that it keeps
     */
    public List<DefinedPolicy> list(Principal who, Securable on, boolean inherited) {
        Catalog catalog = changes.catalog(who, on.name().catalog());
        EarlierNames earlier = EarlierNames.read(catalog, inventory, changes, on.name());
        List<Securable> names = earlier.all(on);
        List<Securable> kept = earlier.kept(on, changes.rules(catalog));
        return jdbi.withHandle(handle -> PolicyTable.of(handle, catalog)).stream()
                .filter(policy -> names.contains(policy.definition().on())
                        || (inherited
                                && kept.stream()
                                        .anyMatch(name ->
                                                policy.definition().on().name().covers(name.name()))))
                .toList();
    }

    /** Defines a policy. It is in force on every branch when this returns. */
    public Changed<DefinedPolicy> create(Principal who, PolicyDefinition wanted) {
        Catalog catalog = changes.catalog(who, wanted.on().name().catalog());
        LiveCatalog live = inventory.of(catalog);
        Changes.Outcome<DefinedPolicy> made = changes.make(
                catalog,
                (handle, current) -> {
                    requireManage(handle, current, live, who, wanted.on());
                    PolicyDefinition checked = checked(handle, current, live, wanted, Optional.empty());
                    refuseTaken(handle, current, checked, Optional.empty());
                    Instant now = now();
                    DefinedPolicy policy =
                            new DefinedPolicy(UUID.randomUUID().toString(), checked, who.name(), now, who.name(), now);
                    PolicyTable.put(handle, current, policy);
                    Changes.look(handle, current, live);
                    return policy;
                },
                (policy, step) -> {
                    refuseReading(who, step, live);
                    refuseLockingOut(who, policy, step);
                    refuseConflicts(policy, step, live);
                    refuseTypes(step, live, each -> each.id().equals(policy.id()));
                });
        return new Changed<>(Optional.empty(), Optional.of(made.done()), warnings(made, live, made.done()));
    }

    /**
     * Changes a policy.
     *
     * @param change says what the policy is to be; it stays on what it is on
     */
    public Changed<DefinedPolicy> update(
            Principal who, Securable on, String name, UnaryOperator<PolicyDefinition> change) {
        Catalog catalog = changes.catalog(who, on.name().catalog());
        LiveCatalog live = inventory.of(catalog);
        record Pair(DefinedPolicy before, DefinedPolicy after) {}
        Changes.Outcome<Pair> made = changes.make(
                catalog,
                (handle, current) -> {
                    requireManage(handle, current, live, who, on);
                    DefinedPolicy before = find(handle, current, on, name);
                    PolicyDefinition wanted = checked(
                            handle, current, live, change.apply(before.definition()), Optional.of(before.definition()));
                    if (!wanted.on().equals(on)) {
                        throw new ControlException(
                                Code.INVALID_PARAMETER_VALUE,
                                "a policy stays on what it was made on, " + words(on) + ". Make another one on "
                                        + words(wanted.on()) + ".");
                    }
                    if (!wanted.name().equals(before.definition().name())) {
                        refuseTaken(handle, current, wanted, Optional.of(before.id()));
                    }
                    DefinedPolicy after = new DefinedPolicy(
                            before.id(), wanted, before.createdBy(), before.createTime(), who.name(), now());
                    PolicyTable.put(handle, current, after);
                    Changes.look(handle, current, live);
                    return new Pair(before, after);
                },
                (done, step) -> {
                    new SelfExemption(who.name(), step.before(), step.after()).refuseOfPolicies();
                    refuseReading(who, step, live);
                    refuseLockingOut(who, done.after(), step);
                    refuseConflicts(done.after(), step, live);
                    refuseTypes(
                            step, live, each -> each.id().equals(done.after().id()));
                });
        Pair pair = made.done();
        return new Changed<>(Optional.of(pair.before()), Optional.of(pair.after()), warnings(made, live, pair.after()));
    }

    /** Removes a policy: whom it bound sees what it hid. */
    public Changed<DefinedPolicy> delete(Principal who, Securable on, String name) {
        Catalog catalog = changes.catalog(who, on.name().catalog());
        LiveCatalog live = inventory.of(catalog);
        Changes.Outcome<DefinedPolicy> made = changes.make(
                catalog,
                (handle, current) -> {
                    requireManage(handle, current, live, who, on);
                    DefinedPolicy policy = find(handle, current, on, name);
                    PolicyTable.delete(handle, policy.id());
                    return policy;
                },
                (policy, step) -> new SelfExemption(who.name(), step.before(), step.after()).refuseOfPolicies());
        return new Changed<>(Optional.of(made.done()), Optional.empty(), changes.obeyed(made.catalog()));
    }

    private static DefinedPolicy find(Handle handle, Catalog catalog, Securable on, String name) {
        return PolicyTable.find(handle, catalog, on, name)
                .orElseThrow(() -> new ControlException(
                        Code.NOT_FOUND,
                        "there is no policy " + name + " on " + words(on) + ". espalier policies list shows them."));
    }

    private static void requireManage(Handle handle, Catalog catalog, LiveCatalog live, Principal who, Securable on) {
        new Rights(catalog, live, GrantTable.of(handle, catalog)).require(who, Privilege.MANAGE, on);
    }

    /**
     * The policy with its principals' names as the directory has them.
     *
     * @param had the policy so far
     */
    PolicyDefinition checked(
            Handle handle, Catalog catalog, LiveCatalog live, PolicyDefinition asked, Optional<PolicyDefinition> had) {
        PolicyDefinition wanted = asked.withPlainFunction();
        new PolicyCheck(catalog, live, library, TagTable.governed(handle))
                .require(wanted, had.map(PolicyDefinition::withPlainFunction));
        return wanted.with(PrincipalNames.known(handle, wanted.to()), PrincipalNames.known(handle, wanted.except()));
    }

    /** @param own the id of the policy that is to have the name, if there is one already */
    private static void refuseTaken(Handle handle, Catalog catalog, PolicyDefinition wanted, Optional<String> own) {
        boolean taken = PolicyTable.named(handle, catalog, wanted.on(), wanted.name()).stream()
                .map(DefinedPolicy::id)
                .anyMatch(id -> !own.equals(Optional.of(id)));
        if (taken) {
            throw new ControlException(
                    Code.ALREADY_EXISTS,
                    "there is a policy " + wanted.name() + " on " + words(wanted.on())
                            + " already. Choose another name.",
                    "POLICY_ALREADY_EXISTS",
                    Map.of());
        }
    }

    /** Of a policy's columns its author sees at least what he can find out by it. */
    static void refuseReading(Principal who, Changes.Step step, LiveCatalog live) {
        new SelfExemption(who.name(), step.before(), step.after()).refuseOfReading(columns(step.after(), live));
    }

    /** Whom a policy binds cannot change it any more: who makes one keeps himself out of it, or has it made. */
    static void refuseLockingOut(Principal who, DefinedPolicy policy, Changes.Step step) {
        if (binds(step.after(), policy.id(), who) && !binds(step.before(), policy.id(), who)) {
            throw new ControlException(
                    Code.INVALID_PARAMETER_VALUE,
                    "the policy " + policy.definition().name() + " would bind " + who.name()
                            + ", who makes it, and lock him out: whom a policy binds cannot change it. The rule: nobody makes "
                            + "a policy that binds himself. Add him to except_principals, or have another one make it.",
                    "LOCKS_OUT_ITS_AUTHOR",
                    Map.of("principal", who.name()));
        }
    }

    private static boolean binds(Rules rules, String policyId, Principal who) {
        return rules.policies().stream()
                .filter(policy -> policy.id().equals(policyId))
                .anyMatch(policy -> rules.subjects().stream()
                        .anyMatch(subject -> subject.name().equals(who.name()) && policy.binds(subject)));
    }

    private static void refuseConflicts(DefinedPolicy policy, Changes.Step step, LiveCatalog live) {
        Columns columns =
                columns(step.after(), live).within(policy.definition().on().name());
        new PolicyConflicts(step.after())
                .refuse(columns, concerned -> concerned.id().equals(policy.id()));
    }

    /** @param concerned the policies that are looked at */
    void refuseTypes(Changes.Step step, LiveCatalog live, Predicate<Policy> concerned) {
        new MaskTypes(library).refuse(step, live, concerned);
    }

    static Columns columns(Rules rules, LiveCatalog live) {
        return Columns.known(rules).and(rules.catalog(), live);
    }

    private List<String> warnings(Changes.Outcome<?> made, LiveCatalog live, DefinedPolicy policy) {
        List<String> warnings = changes.obeyed(made.catalog());
        warnings.addAll(remarks(made.step().after(), live, policy));
        return warnings;
    }

    /** A policy that does nothing is allowed, since what it is for may come; often it is a slip. */
    static List<String> remarks(Rules rules, LiveCatalog live, DefinedPolicy made) {
        List<String> remarks = new ArrayList<>();
        Policy policy = made.definition().compile(made.id());
        if (new Reach(rules).of(policy, columns(rules, live)).isEmpty()) {
            remarks.add(matchesNothing(policy));
        }
        if (rules.subjects().stream().noneMatch(policy::binds)) {
            remarks.add(
                    "the policy " + policy.name()
                            + " binds nobody now: no one who may use the project is in to_principals and not in except_principals.");
        }
        return remarks;
    }

    static String matchesNothing(Policy policy) {
        return "the policy " + policy.name() + " matches nothing now: no table of " + words(policy.on())
                + " has the tags that when_condition and match_columns ask for. Assign the tags, or correct the conditions.";
    }

    static String words(Securable on) {
        return "the " + on.type().name().toLowerCase(Locale.ROOT) + " " + on.name();
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MICROS);
    }
}
