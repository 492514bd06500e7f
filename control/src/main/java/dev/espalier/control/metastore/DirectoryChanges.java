package dev.espalier.control.metastore;

import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.ControlException.Code;
import dev.espalier.identity.PrincipalKind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.transaction.TransactionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Holds changes of who is in which group, and who may use which project, to the rules of policies. */
public final class DirectoryChanges {

    private static final Logger LOG = LoggerFactory.getLogger(DirectoryChanges.class);

    /**
     * What a change has led to.
     *
     * @param warnings as {@link RunningBranches#obey} has them
     */
    public record Done<T>(T result, List<String> warnings) {}

    /** @param projects uids of those whose branches must be brought under what is now */
    private record Made<T>(T result, Set<String> projects) {}

    private final Jdbi jdbi;
    private final RulesReader reader;
    private final RunningBranches branches;
    private final MaskFunctions library;

    public DirectoryChanges(Jdbi jdbi, RulesReader reader, RunningBranches branches, MaskFunctions library) {
        this.jdbi = jdbi;
        this.reader = reader;
        this.branches = branches;
        this.library = library;
    }

    /**
     * Makes the change in one transaction, unless by it somebody would get two masks on one column or two row filters on one table, or
     * who makes it would exempt himself. It is in force on every branch when this returns.
     *
     * @param actor name of who makes it
     * @param then is done when it is made, before branches are brought under it; what fails of that does not fail the change
     */
    public <T> Done<T> make(String actor, Function<Handle, T> change, Consumer<T> then) {
        Made<T> made;
        try {
            made = jdbi.inTransaction(handle -> make(handle, actor, change));
        } catch (TransactionException e) {
            branches.mayHaveToObey();
            throw e;
        }
        List<String> warnings = new ArrayList<>();
        try {
            then.accept(made.result());
        } catch (RuntimeException e) {
            LOG.warn("what goes with a change of {} is done by a watch: {}", actor, e.getMessage(), e);
            warnings.add("the change is made, and what goes with it is done within a minute: " + e.getMessage());
        }
        made.projects().forEach(project -> warnings.addAll(branches.obey(project)));
        return new Done<>(made.result(), warnings);
    }

    private <T> Made<T> make(Handle handle, String actor, Function<Handle, T> change) {
        // Before it is asked which catalogs there are: one that comes under rules meanwhile would not know of the
        // change.
        long epoch = CatalogTable.nextEpoch(handle);
        List<Catalog> governed = CatalogTable.governed(handle);
        Map<String, Rules> before = new HashMap<>();
        governed.forEach(catalog -> before.put(catalog.uid(), reader.unchanged(handle, catalog)));
        T result = change.apply(handle);
        List<String> concerned = new ArrayList<>();
        Set<String> projects = new HashSet<>();
        for (Catalog catalog : governed) {
            Rules after = reader.read(handle, catalog);
            Rules was = before.getOrDefault(catalog.uid(), after);
            if (!after.equals(was)) {
                SelfExemption exemption = new SelfExemption(actor, was, after);
                exemption.refuseOfPolicies();
                exemption.refuseOfGrants();
                Columns columns = Policies.columns(after, InventoryTable.of(handle, catalog));
                exemption.refuseOfTokens(library, () -> columns);
                new PolicyConflicts(after).refuseNew(was, columns);
                concerned.add(catalog.uid());
                projects.add(catalog.projectUid());
            }
        }
        CatalogTable.concerns(handle, epoch, concerned);
        return new Made<>(result, projects);
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
                                case SERVICE_PRINCIPAL -> "whoever names it as an agent";
                            }
                            + " would see what they hide: " + String.join(", ", binding) + ". Change these first"
                            + (kind == PrincipalKind.GROUP ? "." : ", or deactivate it."));
        }
    }
}
