package dev.espalier.gateway;

import org.jspecify.annotations.Nullable;

/**
 * By which whoever routed a session can end it, when what it was let in by holds no more. A statement that runs comes to its end,
 * unless the client sends another one behind it: nothing more begins. Thread-safe.
 */
public final class Recall {

    private volatile @Nullable Refusal reason;
    private volatile @Nullable Runnable session;

    /** Ends the session, also one that has not begun yet. */
    public void call(Refusal why) {
        reason = why;
        Runnable hears = session;
        if (hears != null) {
            hears.run();
        }
    }

    /** Why nothing more is to begin; null while it may. */
    @Nullable
    Refusal reason() {
        return reason;
    }

    /** @param begun runs when it is called, at once if it was called before */
    void heardBy(Runnable begun) {
        session = begun;
        if (reason != null) {
            begun.run();
        }
    }
}
