package dev.espalier.control.metastore;

import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.ControlException.Code;
import dev.espalier.identity.Principal;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/** What can be asked of privileges. */
public final class Grants {

    /** What is to be given to a principal, and taken from him. */
    public record Change(String principal, Set<Privilege> add, Set<Privilege> remove) {
        public Change {
            add = Set.copyOf(add);
            remove = Set.copyOf(remove);
        }
    }

    private static final Map<SecurableType, Set<Privilege>> ON = Map.of(
            SecurableType.CATALOG,
            EnumSet.allOf(Privilege.class),
            SecurableType.SCHEMA,
            EnumSet.complementOf(EnumSet.of(
                    Privilege.USE_CATALOG, Privilege.CREATE_SCHEMA, Privilege.CREATE_BRANCH, Privilege.USE_BRANCH)),
            SecurableType.TABLE,
            EnumSet.of(
                    Privilege.SELECT,
                    Privilege.MODIFY,
                    Privilege.MANAGE,
                    Privilege.APPLY_TAG,
                    Privilege.BROWSE,
                    Privilege.ALL_PRIVILEGES),
            SecurableType.FUNCTION,
            EnumSet.of(Privilege.EXECUTE, Privilege.MANAGE, Privilege.BROWSE, Privilege.ALL_PRIVILEGES));

    private final Jdbi jdbi;
    private final Changes changes;
    private final Inventory inventory;
    private final MaskFunctions library;

    Grants(Jdbi jdbi, Changes changes, Inventory inventory, MaskFunctions library) {
        this.jdbi = jdbi;
        this.changes = changes;
        this.inventory = inventory;
        this.library = library;
    }

    /** What is given on the thing itself, by the name that it has or by an earlier one. */
    public List<Grant> of(Principal who, Securable on, Optional<String> principal) {
        return read(who, on, principal, false);
    }

    /** What is given on the thing and on what it lies in, or lay in by an earlier name that it keeps; the nearest last. */
    public List<Grant> effective(Principal who, Securable on, Optional<String> principal) {
        return read(who, on, principal, true);
    }

    private List<Grant> read(Principal who, Securable on, Optional<String> principal, boolean inherited) {
        Catalog catalog = changes.catalog(who, on.name().catalog());
        LiveCatalog live = inventory.of(catalog);
        EarlierNames earlier = new EarlierNames(catalog, live);
        // What was given on a schema that is there is not on one that tables of it lie in now.
        List<Securable> names = earlier.all(on).stream()
                .filter(name -> !inherited || on.type() != SecurableType.SCHEMA || !earlier.isTaken(name, on))
                .toList();
        List<Securable> kept = earlier.kept(on, changes.rules(catalog));
        return jdbi.withHandle(handle -> {
            Optional<String> name =
                    principal.map(text -> PrincipalNames.find(handle, text).name());
            List<Grant> all = GrantTable.of(handle, catalog);
            // What was given on a thing that has another name now, or is gone, is shown by that name, too.
            if (all.stream().noneMatch(grant -> grant.on().equals(on))) {
                new Existence(catalog, live).require(on);
            }
            return all.stream()
                    .filter(grant -> names.contains(grant.on())
                            || (inherited
                                    && kept.stream()
                                            .anyMatch(lower -> grant.on().isAbove(lower))))
                    .filter(grant -> (!inherited && grant.on().equals(on))
                            || live.holders().isFor(grant, on))
                    .filter(grant -> name.isEmpty() || name.get().equals(grant.principal()))
                    .sorted(Comparator.comparing(Grant::principal)
                            .thenComparing(grant -> grant.on().type())
                            .thenComparing(Grant::privilege))
                    .toList();
        });
    }

    /**
     * Gives and takes privileges on a thing. They hold on every branch when this returns. What is taken is so by its earlier names,
     * too, unless another thing has that now, or had it.
     */
    public Changed<List<Grant>> update(Principal who, Securable on, List<Change> wanted) {
        wanted.forEach(change -> check(change, on));
        Catalog catalog = changes.catalog(who, on.name().catalog());
        LiveCatalog live = inventory.of(catalog);
        EarlierNames earlier = new EarlierNames(catalog, live);
        List<Securable> names = earlier.all(on).stream()
                .filter(name -> !earlier.isTaken(name, on))
                .toList();
        record Made(List<Grant> before, List<Grant> after, boolean first, List<Grant> staying, List<Grant> idle) {}
        Changes.Outcome<Made> outcome = changes.make(
                catalog,
                (handle, current) -> {
                    List<Grant> before = on(handle, current, names);
                    // What was given on a thing that has another name now, or is gone, can still be taken back.
                    if (before.isEmpty()
                            || wanted.stream().anyMatch(change -> !change.add().isEmpty())) {
                        new Existence(current, live).require(on);
                    }
                    new Rights(current, live, GrantTable.of(handle, current)).require(who, Privilege.MANAGE, on);
                    wanted.forEach(change -> apply(handle, current, live, on, names, change, who));
                    List<Grant> after = on(handle, current, names);
                    boolean first = !current.governed() && !after.isEmpty();
                    if (first) {
                        Changes.look(handle, current, live);
                    }
                    return new Made(
                            before,
                            after,
                            first,
                            staying(handle, current, live, on, wanted),
                            idle(handle, live, on, wanted, after));
                },
                (done, step) -> {
                    SelfExemption exemption = new SelfExemption(who.name(), step.before(), step.after());
                    exemption.refuseOfGrants();
                    exemption.refuseOfTokens(library, () -> Policies.columns(step.after(), live));
                });
        Made made = outcome.done();
        List<String> warnings = changes.obeyed(outcome.catalog());
        if (made.first()) {
            warnings.add(
                    "the catalog " + catalog.name()
                            + " is under rules from now on: on all its branches those who do not "
                            + "manage the project have what is granted here, and nothing that tables' owners have granted by SQL.");
        }
        made.staying().forEach(grant -> warnings.add(staying(grant, on)));
        made.idle().forEach(grant -> warnings.add(idle(grant)));
        return new Changed<>(Optional.of(made.before()), Optional.of(made.after()), warnings);
    }

    private static List<Grant> on(Handle handle, Catalog catalog, List<Securable> names) {
        return GrantTable.of(handle, catalog).stream()
                .filter(grant -> names.contains(grant.on()))
                .toList();
    }

    /** What was to be taken, and is there by another name yet. */
    private static List<Grant> staying(
            Handle handle, Catalog catalog, LiveCatalog live, Securable on, List<Change> wanted) {
        List<Grant> all = on(handle, catalog, new EarlierNames(catalog, live).all(on)).stream()
                .filter(grant -> live.holders().isFor(grant, on))
                .toList();
        return meant(handle, wanted, Grants::taken, all);
    }

    private static String staying(Grant grant, Securable on) {
        return grant.principal() + " has still been given " + grant.privilege() + " on "
                + grant.on().name()
                + (on.type() == SecurableType.SCHEMA
                        ? ", where tables of " + on.name()
                                + " lay before: what was given there before they left holds for them, too."
                        : ", as " + on.name()
                                + " was called before: what was given by that name before the rename holds here, too.")
                + " Another has the name now, or had it, so take it by that name: REVOKE … ON " + on.type() + " "
                + grant.on().name().inStatement() + ".";
    }

    /** What was given to rule by a name that was another's before, and so gives no such right. */
    private static List<Grant> idle(
            Handle handle, LiveCatalog live, Securable on, List<Change> wanted, List<Grant> after) {
        List<Grant> all = after.stream()
                .filter(grant -> grant.on().equals(on)
                        && Rights.RULING.stream().anyMatch(grant.privilege()::includes)
                        && live.holders().isOfOthers(grant))
                .toList();
        return meant(handle, wanted, Change::add, all);
    }

    private static String idle(Grant grant) {
        String lacking = Rights.RULING.stream()
                .filter(grant.privilege()::includes)
                .map(Privilege::name)
                .collect(Collectors.joining(" and "));
        return "what is granted here gives " + grant.principal() + " no " + lacking + " on "
                + grant.on().name()
                + ": another had that name before, and what is said by it is said of that one, too. Give " + lacking
                + " on what it lies in.";
    }

    /** Those of the grants whose principals and privileges the changes are about. */
    private static List<Grant> meant(
            Handle handle, List<Change> wanted, Function<Change, Set<Privilege>> privileges, List<Grant> grants) {
        return wanted.stream()
                .flatMap(change -> {
                    String principal =
                            PrincipalNames.find(handle, change.principal()).name();
                    return grants.stream()
                            .filter(grant -> grant.principal().equals(principal)
                                    && privileges.apply(change).contains(grant.privilege()));
                })
                .toList();
    }

    private static void check(Change change, Securable on) {
        for (Privilege privilege : change.add()) {
            if (change.remove().contains(privilege)) {
                throw wrong(privilege + " is both in add and in remove for " + change.principal()
                        + ". Leave it out of one of them.");
            }
            Set<Privilege> possible = ON.getOrDefault(on.type(), Set.of());
            if (!possible.contains(privilege)) {
                throw wrong(privilege + " cannot be given on a "
                        + on.type().noun() + ". Possible are: "
                        + String.join(
                                ", ", possible.stream().map(Privilege::name).toList()) + ".");
            }
        }
    }

    private static void apply(
            Handle handle,
            Catalog catalog,
            LiveCatalog live,
            Securable on,
            List<Securable> names,
            Change change,
            Principal giver) {
        PrincipalNames.Named principal = PrincipalNames.find(handle, change.principal());
        taken(change)
                .forEach(privilege ->
                        names.forEach(name -> GrantTable.take(handle, catalog, name, principal, privilege)));
        change.add()
                .forEach(privilege -> GrantTable.give(
                        handle,
                        catalog,
                        on,
                        principal,
                        privilege,
                        giver,
                        live.holders().without(on)));
        if (change.add().contains(Privilege.USE_BRANCH)) {
            CatalogTable.limitsBranches(handle, catalog.uid());
        }
    }

    private static Set<Privilege> taken(Change change) {
        Set<Privilege> taken = EnumSet.noneOf(Privilege.class);
        taken.addAll(change.remove());
        if (taken.contains(Privilege.ALL_PRIVILEGES)) {
            // As in Unity Catalog: whoever loses all loses each.
            taken.addAll(EnumSet.complementOf(EnumSet.of(Privilege.MANAGE)));
            taken.removeAll(change.add());
        }
        return taken;
    }

    private static ControlException wrong(String message) {
        return new ControlException(Code.INVALID_PARAMETER_VALUE, message);
    }
}
