package dev.espalier.control.metastore;

import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.ControlException.Code;
import dev.espalier.identity.Principal;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Who may change what in a catalog: administrators, the owners of a thing and of what it lies in, and to whom it was given. */
final class Rights {

    /** Privileges to say what holds for others. */
    static final Set<Privilege> RULING = Set.of(Privilege.MANAGE, Privilege.APPLY_TAG);

    private final Catalog catalog;
    private final LiveCatalog live;
    private final List<Grant> grants;

    Rights(Catalog catalog, LiveCatalog live, List<Grant> grants) {
        this.catalog = catalog;
        this.live = live;
        this.grants = List.copyOf(grants);
    }

    /** @throws ControlException if the principal has no such privilege on the thing, and does not own it */
    void require(Principal who, Privilege privilege, Securable on) {
        if (has(who, privilege, on)) {
            return;
        }
        String thing = on.type().noun() + " " + on.name();
        throw new ControlException(
                Code.PERMISSION_DENIED,
                has(who, privilege, on, NameHolders.NONE)
                        ? who.name() + " has no " + privilege + " by the name of the " + thing
                                + ": another had that name before, or that of its schema, and what is said by it is said of that one,"
                                + " too. The rule: who owns what has taken a name, or was given " + privilege
                                + " on it or what it lies in since, rules nothing by the name. Ask the owner of what it lies in, one who may"
                                + " manage the catalog, or an administrator."
                        : who.name() + " has neither " + privilege + " on the " + thing
                                + " nor owns it or what it lies in. Ask one who does, or an administrator.");
    }

    boolean has(Principal who, Privilege privilege, Securable on) {
        return has(who, privilege, on, live.holders());
    }

    private boolean has(Principal who, Privilege privilege, Securable on, NameHolders holders) {
        if (who.administrator()
                || catalog.owner().filter(who.names()::contains).isPresent()
                || owners(on, holders).contains(who.name())) {
            return true;
        }
        Set<String> names = new HashSet<>(who.names());
        names.add(Subject.EVERYONE);
        return grants.stream()
                .anyMatch(grant -> names.contains(grant.principal())
                        && grant.privilege().includes(privilege)
                        && !(RULING.contains(privilege) && holders.isOfOthers(grant, on))
                        && (grant.on().equals(on) || grant.on().isAbove(on)));
    }

    /**
     * Whether the principal may see what a function does, which may tell what rules hide: it is for those who own it, manage it or may
     * execute it.
     *
     * @param owner whom this one belongs to, among all of its name
     */
    boolean seesBody(Principal who, String schema, String function, String owner) {
        Securable on = new Securable(SecurableType.FUNCTION, SecurableName.of(catalog.name(), schema, function));
        return owner.equals(who.name()) || has(who, Privilege.EXECUTE, on) || has(who, Privilege.MANAGE, on);
    }

    /** Whether the principal may call the function, and so give it to those whom a policy of his binds. */
    boolean mayCall(Principal who, LiveCatalog.Function function) {
        return function.open() || seesBody(who, function.schema(), function.name(), function.owner());
    }

    /**
     * Whom the thing, or the schema that it lies in, belongs to on the branch. Who owns what has taken another's name owns nothing of
     * what is said by that name: it is of the other, too. A name of functions stands for all that have it, procedures
     * and aggregates among them: it belongs to who owns each of them, and not to who has made another one of that name.
     */
    private Set<String> owners(Securable on, NameHolders holders) {
        Set<String> owners = new HashSet<>();
        on.name()
                .schema()
                .filter(schema -> !holders.hasChanged(SecurableName.of(catalog.name(), schema)))
                .flatMap(live::schema)
                .map(LiveCatalog.Schema::owner)
                .ifPresent(owners::add);
        Optional<String> object = on.name().object();
        if (object.isPresent()) {
            String schema = on.name().schema().orElseThrow();
            if (on.type() == SecurableType.FUNCTION) {
                Set<String> each = live.routines(schema, object.get()).stream()
                        .map(LiveCatalog.Routine::owner)
                        .collect(Collectors.toSet());
                if (each.size() == 1) {
                    owners.addAll(each);
                }
            } else if (!holders.hasChanged(on.name())) {
                live.table(schema, object.get()).map(LiveCatalog.Table::owner).ifPresent(owners::add);
            }
        }
        return owners;
    }
}
