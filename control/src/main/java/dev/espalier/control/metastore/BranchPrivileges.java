package dev.espalier.control.metastore;

import dev.espalier.identity.Principal;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** Who may make branches of a project, and connect to them, by what its catalogs give; who manages the project may both. */
public final class BranchPrivileges {

    private BranchPrivileges() {}

    /**
     * Names of the catalogs that keep the principal from making branches: of those under rules each must give him
     * CREATE_BRANCH, since a branch has the databases of all. Empty if none of them does, or there are none.
     */
    public static List<String> keepingFromCreate(Handle handle, Principal principal, List<Catalog> governed) {
        Subject subject = new Subject(principal.name(), principal.names(), false);
        return governed.stream()
                .filter(catalog -> !has(GrantTable.of(handle, catalog), subject, Privilege.CREATE_BRANCH))
                .map(Catalog::name)
                .toList();
    }

    /**
     * Names of the catalogs that keep the principal from what lies in them on branches other than the default: those on which USE_BRANCH
     * has been given, and not to him. Who manages the project is kept by none.
     */
    public static List<String> keepingFromUse(Handle handle, Principal principal, List<Catalog> governed) {
        Subject subject = new Subject(principal.name(), principal.names(), false);
        return governed.stream()
                .filter(catalog ->
                        catalog.limitsBranches() && !has(GrantTable.of(handle, catalog), subject, Privilege.USE_BRANCH))
                .map(Catalog::name)
                .toList();
    }

    /**
     * Who has to be given USE_BRANCH on the catalog before the role may connect to its database on a branch other than the
     * default: its principal, or the agent that acts for him. Empty if nobody has to. Until it has been given to somebody for the
     * first time, the project's list alone says who may; that nobody has it any more opens nothing.
     *
     * @param rules of the catalog
     * @param principal who signs in with the role
     */
    public static Optional<String> lackingUse(Catalog catalog, Rules rules, String role, Principal principal) {
        if (!catalog.limitsBranches()) {
            return Optional.empty();
        }
        Optional<Subject> subject =
                rules.subjects().stream().filter(one -> one.name().equals(role)).findFirst();
        if (subject.filter(one -> has(rules.grants(), one, Privilege.USE_BRANCH))
                .isEmpty()) {
            return Optional.of(principal.name());
        }
        return subject.flatMap(Subject::agent)
                .filter(agent -> !has(rules.grants(), agent, Privilege.USE_BRANCH))
                .map(Subject::name);
    }

    /** Only a catalog gives privileges on branches. */
    private static boolean has(List<Grant> grants, Subject subject, Privilege privilege) {
        return subject.manages()
                || grants.stream()
                        .anyMatch(grant -> grant.on().type() == SecurableType.CATALOG
                                && subject.names().contains(grant.principal())
                                && grant.privilege().includes(privilege));
    }
}
