package dev.espalier.sql;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * One statement of a text, and what it would do.
 *
 * @param start first byte of the statement in the text, from 0
 * @param end the byte after its last, without the semicolon
 * @param node PostgreSQL's own name for its kind, such as SelectStmt
 * @param type its kind in the words of query history
 * @param tag see {@link #commandTag()}; "" if it is not known beforehand
 * @param effects everything that it or a part of it would do
 * @param relations the relations it names, in the order of the text; names of WITH queries are none
 * @param qualifiers what is written before columns with a schema, as {@code app.item} is in {@code app.item.name}, in the order
 *     of the text; never written to
 * @param functions the functions it calls by name, with schema where that is written
 * @param settings the settings it sets or resets, in lower case; "all" for RESET ALL
 * @param searchPath what it makes of the search path; empty if it sets none, or the one that the session began with
 * @param named name of the prepared statement or cursor that it makes, runs or removes: PREPARE, EXECUTE, DEALLOCATE, DECLARE, CLOSE
 * @param parameters the highest number of a parameter in it ($1 …); 0 for none
 */
public record Statement(
        int start,
        int end,
        String node,
        StatementType type,
        String tag,
        Set<Effect> effects,
        List<Relation> relations,
        List<Relation> qualifiers,
        Set<String> functions,
        Set<String> settings,
        Optional<PathSetting> searchPath,
        Optional<String> named,
        int parameters) {

    /** @return the words PostgreSQL will report completion with, without row counts; empty for EXECUTE */
    public Optional<String> commandTag() {
        return tag.isEmpty() ? Optional.empty() : Optional.of(tag);
    }
}
