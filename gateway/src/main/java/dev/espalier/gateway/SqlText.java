package dev.espalier.gateway;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** A text that a client sent to be parsed. */
final class SqlText {

    private final Map<String, String> claims;
    private final boolean truncated;

    /** In order. Replaced once, on the loop, where the text was too long to be taken apart there. */
    private List<StatementInfo> statements;

    /**
     * @param claims see {@link SqlComments}
     * @param truncated whether only the beginning was read
     */
    SqlText(List<StatementInfo> statements, Map<String, String> claims, boolean truncated) {
        this.statements = statements;
        this.claims = claims;
        this.truncated = truncated;
    }

    /** What stands in a record for a text that the gateway did not see. */
    static SqlText unseen(String type, String what) {
        return new SqlText(List.of(unparsed(type, what)), Map.of(), false);
    }

    /** A text that is taken apart elsewhere; until {@link #known} nothing is recorded of it but its length. */
    static SqlText pending(int bytes, Map<String, String> claims, boolean truncated) {
        return new SqlText(List.of(unparsed("OTHER", "a text of " + bytes + " bytes")), claims, truncated);
    }

    private static StatementInfo unparsed(String type, String what) {
        return new StatementInfo(0, 0, type, what, false, true, Optional.empty());
    }

    /**
     * What the text turned out to be.
     *
     * @param certain whether the server sees the same text, and reads it in the same way
     */
    void known(List<StatementInfo> seen, boolean certain) {
        statements = certain
                ? seen
                : List.of(unparsed(
                        "OTHER", seen.stream().map(StatementInfo::redactedText).collect(Collectors.joining("; "))));
    }

    Map<String, String> claims() {
        return claims;
    }

    boolean truncated() {
        return truncated;
    }

    /**
     * The statement that the n-th completion is for. A text that could not be taken apart is one statement here and may
     * be several to PostgreSQL.
     */
    StatementInfo statement(int index) {
        return statements.isEmpty()
                ? new StatementInfo(0, 0, "EMPTY", "", true, false, Optional.empty())
                : statements.get(Math.min(index, statements.size() - 1));
    }

    /** The same with one statement of it. */
    SqlText only(StatementInfo statement) {
        return new SqlText(List.of(statement), claims, truncated);
    }

    /** Characters that are kept for records. */
    int length() {
        int length = 0;
        for (StatementInfo statement : statements) {
            length += statement.redactedText().length();
        }
        return length;
    }
}
