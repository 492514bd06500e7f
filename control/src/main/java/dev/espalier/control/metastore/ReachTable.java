package dev.espalier.control.metastore;

import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;

/** Rows of {@code control.policy_reach}: what policies do to which columns, for those who ask in SQL. */
final class ReachTable {

    private ReachTable() {}

    /** Writes anew what the rules do to the columns that they or the last look at the default branch know. */
    static void put(Handle handle, Catalog catalog, Rules rules) {
        handle.execute("DELETE FROM control.policy_reach WHERE catalog_uid = ?", catalog.uid());
        if (rules.policies().isEmpty()) {
            return;
        }
        Columns columns = Columns.known(rules).and(catalog.name(), InventoryTable.of(handle, catalog));
        Reach reach = new Reach(rules);
        PreparedBatch rows = handle.prepareBatch("INSERT INTO control.policy_reach VALUES (?, ?, ?, ?, ?, ?)");
        rules.policies()
                .forEach(policy -> reach.of(policy, columns)
                        .forEach(hit -> rows.add(
                                policy.id(),
                                catalog.uid(),
                                SecurableNames.schema(hit.table()),
                                SecurableNames.object(hit.table()),
                                hit.column().orElse(""),
                                hit.arguments())));
        rows.execute();
    }
}
