package dev.espalier.gateway;

import dev.espalier.gateway.Exchange.EarlyCopy;
import dev.espalier.gateway.Exchange.Sync;
import java.util.ArrayDeque;
import java.util.Iterator;

/** COPY data among the messages that wait for answers: it came before the server said that it takes COPY data. */
final class CopySentAhead {

    private final ArrayDeque<Exchange> waiting;

    CopySentAhead(ArrayDeque<Exchange> waiting) {
        this.waiting = waiting;
    }

    void data() {
        if (!waiting.isEmpty()) {
            last().data = true;
        }
    }

    /** CopyDone or CopyFail. */
    void ends() {
        if (!waiting.isEmpty()) {
            EarlyCopy early = last();
            early.ends++;
            early.data = false;
        }
    }

    /** PostgreSQL passes over any number of them without an answer, so that all in a row are one. */
    private EarlyCopy last() {
        if (waiting.peekLast() instanceof EarlyCopy early) {
            return early;
        }
        EarlyCopy begun = new EarlyCopy();
        waiting.add(begun);
        return begun;
    }

    /**
     * The server takes it for the first of those that wait. It passes over a Sync that came before, until COPY's end. Where a
     * Sync stands between COPY data that came before, it depends on the data which of both it was; no client does that.
     *
     * @return whether it takes more
     */
    boolean take() throws Refusal {
        boolean data = false;
        Iterator<Exchange> later = waiting.iterator();
        later.next();
        while (later.hasNext()) {
            Exchange message = later.next();
            if (message == Sync.SYNC && data) {
                throw new Refusal(
                        "08P01",
                        "a Sync came among COPY data that was sent before the server asked for it",
                        "Wait for CopyInResponse, or send Sync after CopyDone.");
            }
            if (message instanceof EarlyCopy early && early.ends > 0) {
                early.ends--;
                return false;
            }
            if (message == Sync.SYNC || message instanceof EarlyCopy) {
                later.remove();
                data |= message instanceof EarlyCopy early && early.data;
            }
        }
        return true;
    }
}
