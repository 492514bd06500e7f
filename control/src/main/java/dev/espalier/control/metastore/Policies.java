package dev.espalier.control.metastore;

import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.ControlException.Code;
import dev.espalier.identity.Principal;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
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
     * @throws ControlException if there is no such thing, or it is a function
     */
    public List<DefinedPolicy> list(Principal who, Securable on, boolean inherited) {
        PolicyCheck.refuseFunction(on);
        Catalog catalog = changes.catalog(who, on.name().catalog());
        Rules rules = changes.rules(catalog);
        EarlierNames earlier = EarlierNames.read(catalog, inventory, changes, on.name());
        List<Securable> names = earlier.all(on);
        if (names.size() == 1 && !isKnown(catalog, on, rules)) {
            new Existence(catalog, inventory.of(catalog)).require(on);
        }
        List<Securable> kept = earlier.kept(on, rules);
        return jdbi.withHandle(handle -> PolicyTable.of(handle, catalog)).stream()
                .filter(policy -> names.contains(policy.definition().on())
                        || (inherited
                                && kept.stream()
                                        .anyMatch(name ->
                                                policy.definition().on().name().covers(name.name()))))
                .toList();
    }

    /** Whether it is there, or was, without a look at the default branch, which would be woken for it. */
    private boolean isKnown(Catalog catalog, Securable on, Rules rules) {
        return on.type() == SecurableType.CATALOG
                || rules.know(on.name())
                || jdbi.withHandle(handle -> InventoryTable.of(handle, catalog)).has(on.name());
    }

    /** A policy that is written: what it was, and what it is. */
    private record Written(Optional<DefinedPolicy> before, DefinedPolicy after) {}

    /** Defines a policy. It is in force on every branch when this returns. */
    public Changed<DefinedPolicy> create(Principal who, PolicyDefinition wanted) {
        return write(
                who,
                wanted.on(),
                (handle, catalog, live) -> new Written(Optional.empty(), created(handle, catalog, live, who, wanted)));
    }

    /** Defines a policy, or changes the one of its name on the same thing to it. */
    public Changed<DefinedPolicy> createOrReplace(Principal who, PolicyDefinition wanted) {
        return write(
                who,
                wanted.on(),
                (handle, catalog, live) -> PolicyTable.find(handle, catalog, wanted.on(), wanted.name())
                        .map(before -> new Written(
                                Optional.of(before),
                                updated(
                                        handle,
                                        catalog,
                                        live,
                                        who,
                                        before,
                                        wanted.named(before.definition().name()))))
                        .orElseGet(() -> new Written(Optional.empty(), created(handle, catalog, live, who, wanted))));
    }

    /**
     * Changes a policy.
     *
     * @param change says what the policy is to be; it stays on what it is on
     */
    public Changed<DefinedPolicy> update(
            Principal who, Securable on, String name, UnaryOperator<PolicyDefinition> change) {
        return write(who, on, (handle, catalog, live) -> {
            DefinedPolicy before = find(handle, catalog, on, name);
            return new Written(
                    Optional.of(before),
                    updated(handle, catalog, live, who, before, change.apply(before.definition())));
        });
    }

    /** The part of a change that writes a policy. */
    @FunctionalInterface
    private interface Writing {
        Written in(Handle handle, Catalog catalog, LiveCatalog live);
    }

    private Changed<DefinedPolicy> write(Principal who, Securable on, Writing writing) {
        Catalog catalog = changes.catalog(who, on.name().catalog());
        LiveCatalog live = inventory.of(catalog);
        Changes.Outcome<Written> made = changes.make(
                catalog,
                (handle, current) -> {
                    requireManage(handle, current, live, who, on);
                    Written written = writing.in(handle, current, live);
                    PolicyTable.put(handle, current, written.after());
                    Changes.look(handle, current, live);
                    return written;
                },
                (written, step) -> {
                    DefinedPolicy after = written.after();
                    new SelfExemption(who.name(), step.before(), step.after()).refuseOfPolicies();
                    refuseReading(who, step, live);
                    refuseLockingOut(who, after, step);
                    refuseConflicts(after, step, live);
                    refuseTypes(step, live, each -> each.id().equals(after.id()));
                });
        Written written = made.done();
        return new Changed<>(written.before(), Optional.of(written.after()), warnings(made, live, written.after()));
    }

    private DefinedPolicy created(
            Handle handle, Catalog catalog, LiveCatalog live, Principal who, PolicyDefinition wanted) {
        PolicyDefinition checked = checked(handle, check(handle, catalog, live, who), wanted, Optional.empty());
        refuseTaken(handle, catalog, checked, Optional.empty());
        Instant now = now();
        return new DefinedPolicy(UUID.randomUUID().toString(), checked, who.name(), now, who.name(), now);
    }

    private DefinedPolicy updated(
            Handle handle,
            Catalog catalog,
            LiveCatalog live,
            Principal who,
            DefinedPolicy before,
            PolicyDefinition wanted) {
        PolicyDefinition had = before.definition();
        PolicyDefinition checked = checked(handle, check(handle, catalog, live, who), wanted, Optional.of(had));
        if (!checked.on().equals(had.on())) {
            throw new ControlException(
                    Code.INVALID_PARAMETER_VALUE,
                    "a policy stays on what it was made on, " + words(had.on()) + ". Make another one on "
                            + words(checked.on()) + ".");
        }
        if (!checked.name().equals(had.name())) {
            refuseTaken(handle, catalog, checked, Optional.of(before.id()));
        }
        return new DefinedPolicy(before.id(), checked, before.createdBy(), before.createTime(), who.name(), now());
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

    /** For policies that the principal makes or changes. */
    PolicyCheck check(Handle handle, Catalog catalog, LiveCatalog live, Principal who) {
        Rights rights = new Rights(catalog, live, GrantTable.of(handle, catalog));
        return new PolicyCheck(catalog, live, library, TagTable.governed(handle), who, rights);
    }

    /**
     * The policy with its principals' names as the directory has them.
     *
     * @param had the policy so far
     */
    static PolicyDefinition checked(
            Handle handle, PolicyCheck check, PolicyDefinition asked, Optional<PolicyDefinition> had) {
        PolicyDefinition wanted = asked.withPlainFunction();
        check.require(wanted, had.map(PolicyDefinition::withPlainFunction));
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
                            + ", who makes it: a principal whom a policy binds cannot change it any more. The rule: no policy binds "
                            + "its author. Add " + who.name()
                            + " to except_principals, or have another principal make it.",
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
        return "the " + on.type().noun() + " " + on.name();
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MICROS);
    }
}
