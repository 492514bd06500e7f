package dev.espalier.gateway;

import io.netty.channel.EventLoop;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the texts of one session are. Most are known at once; one that takes a while would keep all sessions of the loop waiting, so
 * that it is taken apart elsewhere, while the server works on it, too. One of them at a time: other sessions have theirs.
 */
final class Texts {

    private static final Logger LOG = LoggerFactory.getLogger(Texts.class);

    /** Of a loop for the texts of one read, which has some thousand short ones. */
    private static final long MOST_NANOS = 3_000_000;

    private static final class Waiting {
        private final byte[] sql;
        private final SqlText text;

        /** Whether it may mean something else to the server. */
        private final boolean twoFold;

        Waiting(byte[] sql, SqlText text, boolean twoFold) {
            this.sql = sql;
            this.text = text;
            this.twoFold = twoFold;
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
        boolean twoFold = open && hasBackslash(sql);
        List<StatementInfo> seen = isInTime() && !twoFold ? atOnce(sql) : null;
        if (seen != null) {
            isSeen(text, sql, seen, open);
            return text;
        }
        waiting.add(new Waiting(sql, text, twoFold));
        if (waiting.size() == 1) {
            takeApart(whenKnown);
        }
        return text;
    }

    /** What goes wrong here goes wrong elsewhere, too, where it is dealt with. */
    private @Nullable List<StatementInfo> atOnce(byte[] sql) {
        try {
            return classifier.atOnce(sql);
        } catch (RuntimeException | Error e) {
            LOG.debug("a text of {} bytes goes elsewhere", sql.length, e);
            return null;
        }
    }

    private static boolean hasBackslash(byte[] sql) {
        for (byte b : sql) {
            if (b == '\\') {
                return true;
            }
        }
        return false;
    }

    private static void isSeen(SqlText text, byte[] sql, List<StatementInfo> seen, boolean open) {
        text.known(seen);
        if (!text.truncated() && (open || !seen.stream().allMatch(StatementInfo::parsed))) {
            text.isToldBy(SqlText.evidence(sql));
        }
    }

    private void takeApart(Runnable whenKnown) {
        Waiting first = waiting.element();
        elsewhere.execute(() -> {
            List<StatementInfo> seen = classify(first.sql);
            if (first.twoFold) {
                first.text.isWithEscapes(readWithEscapes(first.sql));
            }
            loop.execute(() -> isTakenApart(first, seen, whenKnown));
        });
    }

    /** Waits for no text any more. */
    void giveUp(Runnable whenKnown) {
        if (!waiting.isEmpty()) {
            waiting.forEach(left -> isSeen(left.text, left.sql, SqlText.beyondReading(left.sql), left.twoFold));
            waiting.clear();
            whenKnown.run();
        }
    }

    private String readWithEscapes(byte[] sql) {
        try {
            return classifier.readWithEscapes(sql);
        } catch (RuntimeException | Error e) {
            LOG.error("a text of {} bytes could not be read with other quotes", sql.length, e);
            return "";
        }
    }

    private List<StatementInfo> classify(byte[] sql) {
        try {
            return classifier.classify(sql);
        } catch (RuntimeException | Error e) {
            LOG.error("a text of {} bytes could not be taken apart; its record has a digest of it", sql.length, e);
            return SqlText.beyondReading(sql);
        }
    }

    private void isTakenApart(Waiting done, List<StatementInfo> seen, Runnable whenKnown) {
        if (waiting.peek() != done) {
            return;
        }
        waiting.remove();
        isSeen(done.text, done.sql, seen, done.twoFold);
        if (waiting.isEmpty()) {
            whenKnown.run();
        } else {
            takeApart(whenKnown);
        }
    }
}
