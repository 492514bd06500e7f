package dev.espalier.control.metastore;

import java.time.Instant;
import java.util.Optional;

/**
 * A tag on a catalog, a schema, a table, or, where there is a column, on that column of the table.
 *
 * @param value empty text where the tag has none
 */
public record TagAssignment(
        SecurableName on, Optional<String> column, String key, String value, String updatedBy, Instant updateTime) {

    /** What it is on, in words. */
    String where() {
        return column.map(on::column).orElseGet(on::toString);
    }
}
