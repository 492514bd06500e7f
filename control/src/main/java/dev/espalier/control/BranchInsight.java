package dev.espalier.control;

import dev.espalier.control.request.ControlException;
import dev.espalier.identity.Principal;
import dev.espalier.schema.SchemaDiff;
import dev.espalier.schema.model.DatabaseSchema;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jdbi.v3.core.Jdbi;

/** What can be learned of a branch: its space, its history, and how its schema differs from another's. */
public final class BranchInsight {

    /** The difference of one database's schema; a database that one branch does not have is a change itself. */
    public record DatabaseDiff(String database, SchemaDiff diff) {}

    private final Jdbi jdbi;
    private final Finder finder;
    private final BranchSpace space;
    private final BranchSessions sessions;
    private final Admissions admissions;
    private final StrayDatabases strays;
    private final RoleNames names;
    private final History history;

    BranchInsight(
            Jdbi jdbi,
            Finder finder,
            BranchSpace space,
            BranchSessions sessions,
            Admissions admissions,
            StrayDatabases strays,
            RoleNames names,
            History history) {
        this.jdbi = jdbi;
        this.finder = finder;
        this.space = space;
        this.sessions = sessions;
        this.admissions = admissions;
        this.strays = strays;
        this.names = names;
        this.history = history;
    }

    /** What the branch occupies, with its replicas and its history. */
    public BranchStorage storage(String projectId, String branchId) {
        Branch branch = branch(projectId, branchId);
        return space.of(branch.uid(), branch.volume());
    }

    /** The window within which the branch can be rewound. */
    public BranchHistory history(String projectId, String branchId) {
        return history.window(branch(projectId, branchId));
    }

    /**
     * What turns another branch's schema into this one's. Of functions whose bodies the catalog does not show to whoever asks, it
     * tells that they differ.
     *
     * @param againstBranchId the other branch
     * @param database name of one database; empty for all that either branch has
     * @throws ControlException if one of the databases is a governed one under another name
     */
    public List<DatabaseDiff> schemaDiff(
            Principal who, String projectId, String branchId, String againstBranchId, Optional<String> database) {
        Branch to = branch(projectId, branchId);
        Branch from = branch(projectId, againstBranchId);
        Set<String> toHas = new TreeSet<>(sessions.databases(to));
        Set<String> fromHas = new TreeSet<>(sessions.databases(from));
        Set<String> wanted = new TreeSet<>(toHas);
        wanted.addAll(fromHas);
        database.ifPresent(name -> {
            if (!wanted.contains(name)) {
                throw new ControlException(
                        ControlException.Code.NOT_FOUND,
                        "neither " + to.name() + " nor " + from.name() + " has a database " + name + ".");
            }
            wanted.retainAll(Set.of(name));
        });
        ShownSchemas schemas =
                new ShownSchemas(jdbi, sessions, strays, names, who, admissions.governed(to.projectUid()));
        List<DatabaseDiff> diffs = new ArrayList<>();
        for (String name : wanted) {
            diffs.add(new DatabaseDiff(name, diff(schemas, name, from, fromHas, to, toHas)));
        }
        return diffs;
    }

    private static SchemaDiff diff(
            ShownSchemas schemas, String database, Branch from, Set<String> fromHas, Branch to, Set<String> toHas) {
        if (!toHas.contains(database)) {
            return SchemaDiff.ofRemovedDatabase(schemas.read(from, database));
        }
        DatabaseSchema wanted = schemas.read(to, database);
        return fromHas.contains(database)
                ? SchemaDiff.between(schemas.read(from, database), wanted)
                : SchemaDiff.ofNewDatabase(schemas.read(from, "template1"), wanted);
    }

    private Branch branch(String projectId, String branchId) {
        return jdbi.withHandle(handle -> finder.readyBranch(handle, projectId, branchId));
    }
}
