package dev.espalier.journal;

import dev.espalier.journal.HeadFile.Ends;
import java.util.stream.Stream;

/**
 * The ends of a chain that its journal's directory knew before and after the database was looked at: a loader may have gone
 * on meanwhile.
 */
record KnownEnds(Ends earlier, Ends later) {

    /** Whether the chain may end here. */
    boolean allow(ChainHead head) {
        if (earlier.equals(later)) {
            return earlier.has(head);
        }
        return head.sequence() >= earlier.before().sequence()
                && head.sequence() <= later.after().sequence();
    }

    /** Whether this row has the number of one that is known, and is another. */
    boolean contradicts(ChainHead head) {
        return Stream.of(earlier.before(), earlier.after(), later.before(), later.after())
                .anyMatch(known -> known.sequence() == head.sequence() && !known.equals(head));
    }

    /** Number of the last row that must be there. */
    long last() {
        return earlier.equals(later)
                ? earlier.after().sequence()
                : earlier.before().sequence();
    }
}
