package dev.espalier.control;

import dev.espalier.control.classifier.ColumnSample;
import dev.espalier.control.metastore.Catalog;
import dev.espalier.control.metastore.ColumnSamples;
import dev.espalier.control.metastore.Inventory;
import dev.espalier.control.metastore.LiveCatalog;
import dev.espalier.control.metastore.LiveCatalog.Column;
import dev.espalier.control.metastore.LiveCatalog.Renamed;
import dev.espalier.control.metastore.LiveCatalog.Table;
import dev.espalier.control.metastore.LiveCatalogReader;
import dev.espalier.control.request.ControlException;
import dev.espalier.postgres.SqlState;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jdbi.v3.core.Jdbi;

/** Reads what lies in a catalog from its project's default branch. */
final class BranchInventory implements Inventory, ColumnSamples {

    /**
     * Types that may hold text. Of those that PostgreSQL does not bring, as citext and domains, which have a schema in their names,
     * {@link TableSample} goes by what the columns are called: their output may run code of users.
     */
    private static final Pattern TEXT =
            Pattern.compile("(text|character varying|character|json|jsonb|inet)(\\(\\d+\\))?(\\[\\])?|.+\\..+");

    private static final Pattern DATE = Pattern.compile("date|timestamp.*");

    private final Jdbi jdbi;
    private final BranchSessions sessions;
    private final RoleNames names;

    BranchInventory(Jdbi jdbi, BranchSessions sessions, RoleNames names) {
        this.jdbi = jdbi;
        this.sessions = sessions;
        this.names = names;
    }

    @Override
    public LiveCatalog of(Catalog catalog) {
        Branch branch = branch(catalog);
        names.settle(branch);
        try {
            return sessions.inWarm(branch, catalog.database(), LiveCatalogReader::read);
        } catch (ControlException e) {
            if (e.getCause() instanceof SQLException cause
                    && SqlState.INVALID_CATALOG_NAME.equals(cause.getSQLState())) {
                return LiveCatalog.EMPTY;
            }
            throw e;
        }
    }

    @Override
    public Optional<List<Renamed>> renamed(Catalog catalog) {
        try {
            return sessions.ifAwake(branch(catalog), catalog.database(), LiveCatalogReader::readRenamed);
        } catch (ControlException e) {
            // What is wrong with the branch is said to who needs it.
            return Optional.empty();
        }
    }

    private Branch branch(Catalog catalog) {
        return jdbi.withHandle(handle -> ProjectTable.byUid(handle, catalog.projectUid())
                .flatMap(Project::defaultBranchUid)
                .flatMap(uid -> BranchTable.byUid(handle, uid))
                .orElseThrow(() -> Finder.noProject(catalog.projectId())));
    }

    @Override
    public List<ColumnSample> of(Catalog catalog, Table table) {
        List<String> texts = names(table, TEXT);
        List<ColumnSample> samples = new ArrayList<>();
        names(table, DATE).forEach(date -> samples.add(new ColumnSample(date, true, List.of())));
        if (!texts.isEmpty()) {
            samples.addAll(sessions.with(
                    branch(catalog), catalog.database(), session -> new TableSample(session, table).of(texts)));
        }
        return samples;
    }

    private static List<String> names(Table table, Pattern type) {
        return table.columns().stream()
                .filter(column -> type.matcher(column.type()).matches())
                .map(Column::name)
                .toList();
    }
}
