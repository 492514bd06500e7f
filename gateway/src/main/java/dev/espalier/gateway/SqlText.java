package dev.espalier.gateway;

import java.util.List;
import java.util.Map;
import java.util.Optional;

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
        return new SqlText(List.of(new StatementInfo(0, 0, type, what, false, Optional.empty())), Map.of(), false);
    }

    /**
     * The statement that the n-th completion is for. A text that could not be taken apart is one statement here and may
     * be several to PostgreSQL.
     */
    StatementInfo statement(int index) {
        return statements.isEmpty()
                ? new StatementInfo(0, 0, "EMPTY", "", true, Optional.empty())
                : statements.get(Math.min(index, statements.size() - 1));
    }

    /** The same with one statement of it. */
    SqlText only(StatementInfo statement) {
        return new SqlText(List.of(statement), claims, truncated);
    }
}
