package dev.espalier.journal;

import java.util.List;
import java.util.UUID;

/** What a look at the audit's chains has found. */
public sealed interface Verification {

    /**
     * Every row is the one that was written, and none is missing.
     *
     * @param rows how many are there, of all chains
     */
    record Intact(List<Chain> chains, long rows) implements Verification {}

    /**
     * A row has been changed, or is missing, or was added. Those that were looked at before it are as they were written.
     *
     * @param journal whose chain it is
     * @param chainSequence the first row's number in the chain
     * @param what was found, in a sentence
     * @param rows how many were looked at before it, those of other chains included
     */
    record Broken(UUID journal, long chainSequence, String what, long rows) implements Verification {}

    /**
     * The audit rows of one journal.
     *
     * @param first number of the oldest row that is still there; 0 if there is none
     * @param last number of the last row
     * @param pinned whether the end was compared with the one that the journal's directory knows; without that, rows missing
     *     at the end do not show if whoever removed them has changed {@code journal.position} too
     */
    record Chain(UUID journal, long first, long last, boolean pinned) {}
}
