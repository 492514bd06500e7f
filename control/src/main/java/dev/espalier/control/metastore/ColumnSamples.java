package dev.espalier.control.metastore;

import dev.espalier.control.classifier.ColumnSample;
import java.util.List;

/** Looks into tables. */
@FunctionalInterface
public interface ColumnSamples {

    /**
     * Some values of the columns that could hold text, from the default branch of the catalog's project. Nothing is changed, no code
     * of users runs, and what takes too long is broken off.
     *
     * @return a sample for each of these columns; one without values where there are none
     * @throws dev.espalier.control.request.ControlException if the table cannot be read in time
     */
    List<ColumnSample> of(Catalog catalog, LiveCatalog.Table table);
}
