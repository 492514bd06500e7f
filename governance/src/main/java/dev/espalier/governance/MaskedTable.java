package dev.espalier.governance;

import java.util.Optional;

/**
 * Where a principal finds a table that he cannot get at itself.
 *
 * @param views schema of the view that stands for it, under the table's own name
 * @param writing schema of the view that {@code ON CONFLICT} and {@code MERGE} have to name; none where he may not write, or the
 *     table has no key
 */
public record MaskedTable(String schema, String table, String views, Optional<String> writing) {}
