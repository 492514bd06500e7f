package dev.espalier.control;

import dev.espalier.control.metastore.Catalog;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Which rules a database was proved under.
 *
 * @param catalogUid of the catalog that the database belongs to
 * @param epochs of all of the project's catalogs, by their uids: what roles may do is a matter of every one
 */
record RulesVersion(String catalogUid, Map<String, Long> epochs) {

    RulesVersion {
        epochs = Map.copyOf(epochs);
    }

    /** @param governed the catalogs of the project that are under rules */
    static RulesVersion of(Catalog catalog, List<Catalog> governed) {
        return new RulesVersion(
                catalog.uid(), governed.stream().collect(Collectors.toMap(Catalog::uid, Catalog::epoch)));
    }
}
