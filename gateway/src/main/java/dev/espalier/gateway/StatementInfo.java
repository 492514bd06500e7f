package dev.espalier.gateway;

import java.util.Optional;

/**
 * What is known of a statement before it runs.
 *
 * @param start offset of its first byte in the text
 * @param end offset behind its last byte
 * @param type in the words of Databricks' query history: SELECT, INSERT, CREATE …
 * @param redactedText the statement without its secrets
 * @param parsed whether it is a statement of PostgreSQL's grammar
 * @param changes whether it may change what exists or who may, so that an auditor asks for it
 * @param named name of the prepared statement or cursor that it makes, runs or removes: PREPARE, EXECUTE, DEALLOCATE, DECLARE, CLOSE
 */
public record StatementInfo(
        int start, int end, String type, String redactedText, boolean parsed, boolean changes, Optional<String> named) {

    /** The same with another text in its records. */
    StatementInfo shownAs(String text) {
        return new StatementInfo(start, end, type, text, parsed, changes, named);
    }

    /** The same where it cannot have changed anything, as it did not run. */
    StatementInfo changingNothing() {
        return new StatementInfo(start, end, type, redactedText, parsed, false, named);
    }
}
