package dev.espalier.demo;

import java.sql.SQLException;
import java.util.List;
import org.postgresql.copy.CopyIn;
import org.postgresql.copy.CopyManager;

/**
 * A table that is filled, by one COPY over all divisions. A division is thus built once for every table: cheaper than a
 * COPY for each division, which would leave up to 64 empty pages behind every time.
 *
 * @param columns table and columns, as COPY takes them
 * @param writer gives the rows of one division
 */
record CatalogTable(String columns, RowWriter writer) {

    interface RowWriter {
        void write(DivisionRows division, CopyStream out) throws SQLException;
    }

    /** Every table but {@code stitch_queue}, which is empty while a catalog is at rest. */
    static final List<CatalogTable> ALL = List.of(
            new CatalogTable(
                    "refresh_state (entity_id, entity_ref, unprocessed_entity, processed_entity, cache, errors,"
                            + " next_update_at, last_discovery_at, location_key, result_hash, unprocessed_hash)",
                    DivisionRows::refreshState),
            new CatalogTable(
                    "refresh_state_references (source_key, source_entity_ref, target_entity_ref)",
                    DivisionRows::refreshStateReferences),
            new CatalogTable("refresh_keys (entity_id, key)", DivisionRows::refreshKeys),
            new CatalogTable(
                    "final_entities (entity_id, hash, final_entity, last_updated_at, entity_ref)",
                    DivisionRows::finalEntities),
            new CatalogTable(
                    "relations (originating_entity_id, source_entity_ref, type, target_entity_ref)",
                    DivisionRows::relations),
            new CatalogTable("search (entity_id, key, value, original_value)", DivisionRows::search),
            new CatalogTable("locations (id, type, target, location_entity_ref)", DivisionRows::locations),
            new CatalogTable(
                    "location_update_log (status, created_at, message, location_id, entity_name)",
                    DivisionRows::locationUpdateLog));

    /**
     * Fills the table, which the current transaction must have created.
     *
     * @param afterDivision called after each division
     */
    void copy(CopyManager database, Company company, Runnable afterDivision) throws SQLException {
        // FREEZE: no later vacuum has to visit the rows, and no first reader rewrites their pages with hint bits.
        CopyIn copy = database.copyIn("COPY public." + columns + " FROM STDIN WITH (FREEZE)");
        try {
            CopyStream out = new CopyStream(copy);
            for (int i = 0; i < company.divisions(); i++) {
                writer.write(new DivisionRows(Division.of(company, i)), out);
                afterDivision.run();
            }
            out.flush();
            copy.endCopy();
        } finally {
            if (copy.isActive()) {
                copy.cancelCopy();
            }
        }
    }
}
