package dev.espalier.journal;

import dev.espalier.journal.Verification.Chain;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Goes along one chain, row by row. */
final class ChainWalk {

    /**
     * What is wrong with the chain.
     *
     * @param sequence the first row's number in it
     * @param what in a sentence
     */
    record Break(long sequence, String what) {}

    private final UUID journal;
    private final Anchors anchors;
    private final Optional<KnownEnds> ends;

    private long first;
    private ChainHead at = ChainHead.BEGINNING;

    ChainWalk(UUID journal, Anchors anchors, Optional<KnownEnds> ends) {
        this.journal = journal;
        this.anchors = anchors;
        this.ends = ends;
    }

    /** The next row in the order of the chain; answers what is wrong with it. */
    Optional<Break> next(long sequence, ChainHash hash, boolean mismatch, List<@Nullable String> values) {
        if (sequence <= at.sequence()) {
            return breakAt(sequence, "the row is there twice");
        }
        if (sequence > at.sequence() + 1) {
            at = anchors.skip(journal, at, sequence - 1);
            if (at.sequence() < sequence - 1) {
                return missing(at.sequence() + 1, sequence - 1);
            }
        }
        ChainHead next = new ChainHead(sequence, at.hash().next(sequence, values));
        if (!next.hash().equals(hash)) {
            return breakAt(sequence, "the row is not the one that was written, or not in its place");
        }
        if (mismatch) {
            return breakAt(
                    sequence,
                    "the loader has found rows before this one that were missing or not its own, see its parameters");
        }
        if (ends.isPresent() && ends.get().contradicts(next)) {
            return breakAt(sequence, "the row is another than the one that the journal's directory knows");
        }
        first = first == 0 ? sequence : first;
        at = next;
        return Optional.empty();
    }

    /** After the last row: whether the chain ends here. */
    Optional<Break> end(ChainHead position) {
        if (at.sequence() < position.sequence()) {
            // A journal that nobody writes any more may be gone altogether.
            at = anchors.skip(journal, at, position.sequence());
            if (at.sequence() < position.sequence()) {
                return missing(at.sequence() + 1, position.sequence());
            }
        }
        if (!at.equals(position)) {
            return breakAt(at.sequence(), "the loader's position names another end, row " + position.sequence());
        }
        if (ends.isPresent() && !ends.get().allow(at)) {
            return at.sequence() < ends.get().last()
                    ? missing(at.sequence() + 1, ends.get().last())
                    : breakAt(
                            at.sequence(),
                            "the journal's directory knows no row behind "
                                    + ends.get().last());
        }
        return Optional.empty();
    }

    Chain found() {
        return new Chain(journal, first, at.sequence(), ends.isPresent());
    }

    private static Optional<Break> missing(long from, long to) {
        return breakAt(from, from == to ? "the row is missing" : "the rows up to " + to + " are missing");
    }

    private static Optional<Break> breakAt(long sequence, String what) {
        return Optional.of(new Break(sequence, what));
    }
}
