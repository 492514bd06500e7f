package dev.espalier.gateway;

import io.netty.channel.EventLoop;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;

/**
 * What the texts of one session are. Short ones are taken apart on the session's loop, which is a look into a cache for most; a
 * long one would keep all sessions of the loop waiting, so that it is done elsewhere, while the server works on it, too.
 */
final class Texts {

    /** In bytes. Longer texts are in no cache. */
    static final int LONGEST_ON_LOOP = 16 * 1024;

    private final Classifier classifier;
    private final EventLoop loop;
    private final Executor elsewhere;

    /** Texts that are not taken apart yet. */
    private int pending;

    Texts(Classifier classifier, EventLoop loop, Executor elsewhere) {
        this.classifier = classifier;
        this.loop = loop;
        this.elsewhere = elsewhere;
    }

    /** Whether all that was read is taken apart. Nothing that answers the texts may be read before. */
    boolean allKnown() {
        return pending == 0;
    }

    /**
     * @param sql not changed any more
     * @param certain whether the server sees the same text, and reads it in the same way
     * @param whenKnown called on the loop where {@link #allKnown} has become true again
     */
    SqlText read(byte[] sql, boolean truncated, boolean certain, Runnable whenKnown) {
        Map<String, String> claims = truncated ? Map.of() : SqlComments.claims(sql);
        SqlText text = SqlText.pending(sql.length, claims, truncated);
        if (sql.length <= LONGEST_ON_LOOP) {
            text.known(classifier.classify(sql), certain);
            return text;
        }
        pending++;
        elsewhere.execute(() -> {
            try {
                List<StatementInfo> seen = classifier.classify(sql);
                loop.execute(() -> text.known(seen, certain));
            } finally {
                loop.execute(() -> {
                    if (--pending == 0) {
                        whenKnown.run();
                    }
                });
            }
        });
        return text;
    }
}
