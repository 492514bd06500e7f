package dev.espalier.gateway;

import io.netty.channel.EventLoop;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * What the texts of one session are. Most are known at once; one that takes a while would keep all sessions of the loop waiting, so
 * that it is taken apart elsewhere, while the server works on it, too. One of them at a time: other sessions have theirs.
 */
final class Texts {

    /** Of a loop for the texts of one read, which has some thousand short ones. */
    private static final long MOST_NANOS = 3_000_000;

    private static final class Waiting {
        private final byte[] sql;
        private final SqlText text;

        Waiting(byte[] sql, SqlText text) {
            this.sql = sql;
            this.text = text;
        }
    }

    private final Classifier classifier;
    private final EventLoop loop;
    private final Executor elsewhere;

    /** Texts that are not taken apart yet; the first one is at work. */
    private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();

    /** When the loop began with the read whose texts come now, by {@link System#nanoTime}. */
    private long began;

    /** Whether a text came since. */
    private boolean more;

    Texts(Classifier classifier, EventLoop loop, Executor elsewhere) {
        this.classifier = classifier;
        this.loop = loop;
        this.elsewhere = elsewhere;
    }

    /** Whether all that was read is taken apart. Nothing that answers the texts may be read before. */
    boolean allKnown() {
        return waiting.isEmpty();
    }

    /** A read begins: what it brings may keep the loop for so long, and no longer. */
    void readBegins(long now) {
        began = now;
        more = false;
    }

    /** The first text is in time: most reads bring one. */
    private boolean isInTime() {
        boolean inTime = !more || System.nanoTime() - began < MOST_NANOS;
        more = true;
        return inTime;
    }

    /**
     * @param sql not changed any more
     * @param open see {@link SqlText}
     * @param whenKnown called on the loop where {@link #allKnown} has become true again
     */
    SqlText read(byte[] sql, boolean truncated, boolean open, Runnable whenKnown) {
        Map<String, String> claims = truncated ? Map.of() : SqlComments.claims(sql);
        SqlText text = SqlText.pending(sql.length, claims, truncated, open);
        List<StatementInfo> seen = isInTime() ? classifier.atOnce(sql) : null;
        if (seen != null) {
            text.known(seen);
            return text;
        }
        waiting.add(new Waiting(sql, text));
        if (waiting.size() == 1) {
            takeApart(whenKnown);
        }
        return text;
    }

    private void takeApart(Runnable whenKnown) {
        byte[] sql = waiting.element().sql;
        elsewhere.execute(() -> {
            List<StatementInfo> seen = null;
            try {
                seen = classifier.classify(sql);
            } finally {
                List<StatementInfo> found = seen;
                loop.execute(() -> isTakenApart(found, whenKnown));
            }
        });
    }

    /** @param seen null if that went wrong; the record then says how long the text was */
    private void isTakenApart(@Nullable List<StatementInfo> seen, Runnable whenKnown) {
        Waiting done = waiting.remove();
        if (seen != null) {
            done.text.known(seen);
        }
        if (waiting.isEmpty()) {
            whenKnown.run();
        } else {
            takeApart(whenKnown);
        }
    }
}
