package dev.espalier.control.metastore;

import dev.espalier.control.ControlException;
import dev.espalier.control.ControlException.Code;
import dev.espalier.identity.PrincipalKind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jdbi.v3.core.Handle;

/** Holds changes of who is in which group, and who may use which project, to the rules of policies. */
public final class DirectoryChanges {

    /**
     * What a change has led to.
     *
     * @param projects uids of those whose branches must be brought under what is now
     */
    public record Done<T>(T result, Set<String> projects) {}

    private final RulesReader reader;

    public DirectoryChanges(RulesReader reader) {
        this.reader = reader;
    }

    /**
     * Makes the change, unless by it somebody would get two masks on one column or two row filters on one table, or who makes it would exempt himself.
     *
     * @param actor name of who makes it
     */
    public <T> Done<T> make(Handle handle, String actor, Supplier<T> change) {
        // Before it is asked which catalogs there are: one that comes under rules meanwhile would not know of the
        // change.
        long epoch = CatalogTable.nextEpoch(handle);
        List<Catalog> governed = CatalogTable.governed(handle);
        Map<String, Rules> before = new HashMap<>();
        governed.forEach(catalog -> before.put(catalog.uid(), reader.unchanged(handle, catalog)));
        T result = change.get();
        List<String> concerned = new ArrayList<>();
        Set<String> projects = new HashSet<>();
        for (Catalog catalog : governed) {
            Rules after = reader.read(handle, catalog);
            Rules was = before.getOrDefault(catalog.uid(), after);
            if (!after.equals(was)) {
                SelfExemption exemption = new SelfExemption(actor, was, after);
                exemption.refuseOfPolicies();
                exemption.refuseOfGrants();
                new PolicyConflicts(after).refuseNew(was, Columns.known(after));
                concerned.add(catalog.uid());
                projects.add(catalog.projectUid());
            }
        }
        CatalogTable.concerns(handle, epoch, concerned);
        return new Done<>(result, projects);
    }

    /**
     * @throws ControlException if policies bind a group that is to go, a user, whose name and roles another can get, or a service
     *     principal, which credentials could name as their agent after it is gone: nobody would be bound by them any more
     */
    public static void refuseRemovalOfBound(Handle handle, PrincipalKind kind, long id, String name) {
        List<String> binding = PolicyTable.binding(handle, id);
        if (!binding.isEmpty()) {
            throw new ControlException(
                    Code.INVALID_STATE,
                    "the " + kind.noun() + " " + name + " cannot be removed: policies are for it, and "
                            + switch (kind) {
                                case GROUP -> "its members";
                                case USER -> "whoever gets the name next";
                                case SERVICE_PRINCIPAL -> "who names it as his agent";
                            }
                            + " would see what they hide: " + String.join(", ", binding) + ". Change these first"
                            + (kind == PrincipalKind.GROUP ? "." : ", or deactivate it."));
        }
    }
}
