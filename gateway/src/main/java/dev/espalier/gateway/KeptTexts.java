package dev.espalier.gateway;

import java.util.LinkedHashSet;
import java.util.SequencedSet;

/**
 * The texts that one session keeps for its records: of statements that are sent to be prepared, of those that are, and of portals. A
 * text may have a mebibyte, and a session any number of them; so many are kept whole, the ones used last, and of others their
 * beginnings.
 */
final class KeptTexts {

    /** Characters. */
    private static final int MOST = 4 << 20;

    /** What a name and its entry take, in characters. */
    static final int ENTRY = 128;

    /** Those that can be shortened, the one that was used last as the last. */
    private final SequencedSet<SqlText> whole = new LinkedHashSet<>();

    private int kept;

    private boolean limited = true;

    /** The session ends: no more comes than is on its way. */
    void refusesNoMore() {
        limited = false;
    }

    /** One more has the text. */
    void hold(SqlText text) {
        text.holders++;
        changed(text);
    }

    /** One has it no more. */
    void release(SqlText text) {
        if (--text.holders == 0) {
            kept -= text.counted;
            text.counted = 0;
            if (!whole.isEmpty()) {
                whole.remove(text);
            }
        }
    }

    /** It is taken apart, or it is known how the server has read it. Of no interest if nobody has it. */
    void changed(SqlText text) {
        if (text.holders == 0) {
            return;
        }
        int size = text.size();
        kept += size - text.counted;
        text.counted = size;
        used(text);
        while (kept > MOST && !whole.isEmpty()) {
            SqlText oldest = whole.removeFirst();
            oldest.shorten();
            kept += oldest.size() - oldest.counted;
            oldest.counted = oldest.size();
        }
    }

    void used(SqlText text) {
        if (text.isLong()) {
            whole.addLast(text);
        }
    }

    /** Something is kept that has a name and no text of its own. */
    void beginsEntry() {
        kept += ENTRY;
    }

    void endsEntry() {
        kept -= ENTRY;
    }

    /**
     * To be called when all that a message changes is changed.
     *
     * @throws Refusal if there is no room for the beginnings of all texts: what runs could not be recorded
     */
    void refuseIfFull() throws Refusal {
        if (limited && kept > MOST) {
            throw new Refusal(
                    "54000",
                    "the statements that this session has prepared, bound or sent ahead have more than " + MOST
                            + " characters however they are shortened",
                    "Close those that are not used any more, and send Sync before so many are on their way.");
        }
    }
}
