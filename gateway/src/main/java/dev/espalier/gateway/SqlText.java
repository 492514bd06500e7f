package dev.espalier.gateway;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A text that a client sent to be parsed.
 *
 * @param statements in order
 * @param claims see {@link SqlComments}
 * @param truncated whether only the beginning was read
 */
record SqlText(List<StatementInfo> statements, Map<String, String> claims, boolean truncated) {

    /** What stands in a record for a text that the gateway did not see. */
    static SqlText unseen(String type, String what) {
        return new SqlText(
                List.of(new StatementInfo(0, 0, type, what, false, true, Optional.empty())), Map.of(), false);
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

    /** What stands in a record for a text that says less, or other things, to the gateway than to the server. */
    static SqlText uncertain(List<StatementInfo> seen, Map<String, String> claims, boolean truncated) {
        String text = seen.stream().map(StatementInfo::redactedText).collect(Collectors.joining("; "));
        return new SqlText(
                List.of(new StatementInfo(0, 0, "OTHER", text, false, true, Optional.empty())), claims, truncated);
    }

    /** The same with one statement of it. */
    SqlText only(StatementInfo statement) {
        return new SqlText(List.of(statement), claims, truncated);
    }
}
