package dev.espalier.control.metastore;

import dev.espalier.control.ControlException;
import dev.espalier.control.ControlException.Code;
import dev.espalier.identity.Principal;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
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

    Grants(Jdbi jdbi, Changes changes, Inventory inventory) {
        this.jdbi = jdbi;
        this.changes = changes;
        this.inventory = inventory;
    }

    /** What is given on the thing itself. */
    public List<Grant> of(Principal who, Securable on, Optional<String> principal) {
        return effective(who, on, principal).stream()
                .filter(grant -> grant.on().equals(on))
                .toList();
    }

    /** What is given on the thing and on what it lies in; the nearest last. */
    public List<Grant> effective(Principal who, Securable on, Optional<String> principal) {
        Catalog catalog = changes.catalog(who, on.name().catalog());
        new Existence(catalog, inventory.of(catalog)).require(on);
        return jdbi.withHandle(handle -> {
            Optional<String> name =
                    principal.map(text -> PrincipalNames.find(handle, text).name());
            return GrantTable.of(handle, catalog).stream()
                    .filter(grant ->
                            reaches(grant, on) && (name.isEmpty() || name.get().equals(grant.principal())))
                    .sorted(Comparator.comparing(Grant::principal)
                            .thenComparing(grant -> grant.on().type())
                            .thenComparing(Grant::privilege))
                    .toList();
        });
    }

    private static boolean reaches(Grant grant, Securable on) {
        return grant.on().equals(on)
                || (!grant.on().name().equals(on.name()) && grant.on().name().covers(on.name()));
    }

    /** Gives and takes privileges on a thing. They hold on every branch when this returns. */
    public Changed<List<Grant>> update(Principal who, Securable on, List<Change> wanted) {
        wanted.forEach(change -> check(change, on));
        Catalog catalog = changes.catalog(who, on.name().catalog());
        LiveCatalog live = inventory.of(catalog);
        record Pair(List<Grant> before, List<Grant> after, boolean first) {}
        Pair pair = changes.make(
                catalog,
                (handle, current) -> {
                    List<Grant> before = on(handle, current, on);
                    // What was given on a thing that has another name now, or is gone, can still be taken back.
                    if (before.isEmpty()
                            || wanted.stream().anyMatch(change -> !change.add().isEmpty())) {
                        new Existence(current, live).require(on);
                    }
                    new Rights(current, live, GrantTable.of(handle, current)).require(who, Privilege.MANAGE, on);
                    wanted.forEach(change -> apply(handle, current, live, on, change, who));
                    List<Grant> after = on(handle, current, on);
                    boolean first = !current.governed() && !after.isEmpty();
                    if (first) {
                        Changes.look(handle, current, live);
                    }
                    return new Pair(before, after, first);
                },
                (done, step) -> new SelfExemption(who.name(), step.before(), step.after()).refuseOfGrants());
        List<String> warnings = changes.obeyed(catalog);
        if (pair.first()) {
            warnings.add(
                    "the catalog " + catalog.name()
                            + " is under rules from now on: on all its branches those who do not "
                            + "manage the project have what is granted here, and nothing that tables' owners have granted by SQL.");
        }
        return new Changed<>(Optional.of(pair.before()), Optional.of(pair.after()), warnings);
    }

    private static List<Grant> on(Handle handle, Catalog catalog, Securable on) {
        return GrantTable.of(handle, catalog).stream()
                .filter(grant -> grant.on().equals(on))
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
                        + on.type().name().toLowerCase(Locale.ROOT) + ". Possible are: "
                        + String.join(
                                ", ", possible.stream().map(Privilege::name).toList()) + ".");
            }
        }
    }

    private static void apply(
            Handle handle, Catalog catalog, LiveCatalog live, Securable on, Change change, Principal giver) {
        PrincipalNames.Named principal = PrincipalNames.find(handle, change.principal());
        Set<Privilege> gone = EnumSet.noneOf(Privilege.class);
        gone.addAll(change.remove());
        if (gone.contains(Privilege.ALL_PRIVILEGES)) {
            // As in Unity Catalog: whoever loses all loses each.
            gone.addAll(EnumSet.complementOf(EnumSet.of(Privilege.MANAGE)));
            gone.removeAll(change.add());
        }
        gone.forEach(privilege -> GrantTable.take(handle, catalog, on, principal, privilege));
        change.add()
                .forEach(privilege -> GrantTable.give(
                        handle,
                        catalog,
                        on,
                        principal,
                        privilege,
                        giver,
                        live.bearers().without(on)));
    }

    private static ControlException wrong(String message) {
        return new ControlException(Code.INVALID_PARAMETER_VALUE, message);
    }
}
