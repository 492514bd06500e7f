package dev.espalier.journal;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes the mapped segments to the disk at intervals, on a thread of its own. */
final class DiskSync implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(DiskSync.class);

    /**
     * How far the journal has come.
     *
     * @param bytes of the active segment
     * @param sequence of the last record in them
     */
    record Position(Segment active, long bytes, long sequence) {}

    private final Duration interval;
    private final Supplier<Position> position;
    private final Runnable afterwards;
    private final Thread thread;

    /** One writes at a time. */
    private final Object writing = new Object();

    private final Deque<Segment> retired = new ArrayDeque<>();
    private long sequence;
    private Optional<JournalException> failure = Optional.empty();
    private boolean closed;

    /** @param afterwards is done at each interval too */
    DiskSync(Duration interval, long sequence, Supplier<Position> position, Runnable afterwards) {
        this.interval = interval;
        this.sequence = sequence;
        this.position = position;
        this.afterwards = afterwards;
        this.thread = Thread.ofPlatform().daemon().name("journal-sync").unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    /** A segment that nothing will be appended to any more. */
    synchronized void retire(Segment segment) {
        retired.add(segment);
    }

    synchronized long sequence() {
        return sequence;
    }

    /** Why the disk could not be written to; from then on nobody knows what is on it. */
    synchronized Optional<JournalException> failure() {
        return failure;
    }

    synchronized void await(long beyond, Duration timeout) {
        Threads.await(this, () -> sequence > beyond || closed, timeout);
    }

    private void run() {
        boolean trouble = false;
        while (pauseUntilNext()) {
            try {
                now();
                afterwards.run();
                trouble = false;
            } catch (RuntimeException e) {
                if (!trouble) {
                    LOG.error("the journal's disk cannot be looked at, which is tried again in {}", interval, e);
                }
                trouble = true;
            }
        }
    }

    private synchronized boolean pauseUntilNext() {
        Threads.await(this, () -> closed, interval);
        return !closed;
    }

    /** Writes what has been appended so far, older segments first: what is behind a record is never on the disk for certain before it. */
    void now() {
        synchronized (writing) {
            if (failure().isPresent()) {
                return;
            }
            Position to = position.get();
            try {
                for (Segment segment = nextRetired(to); segment != null; segment = nextRetired(to)) {
                    segment.finish();
                    segment.unmap();
                }
                to.active().sync(to.bytes());
                reached(to.sequence());
            } catch (RuntimeException e) {
                failed(e);
            }
        }
    }

    /** Those before the active one; more may have been retired since it was looked at. */
    private synchronized @Nullable Segment nextRetired(Position to) {
        Segment first = retired.peek();
        return first != null && first.number() < to.active().number() ? retired.poll() : null;
    }

    private synchronized void reached(long upTo) {
        sequence = upTo;
        notifyAll();
    }

    private synchronized void failed(RuntimeException e) {
        if (failure.isEmpty()) {
            LOG.error("the journal's disk cannot be written to; nothing is loaded from here on", e);
        }
        failure = Optional.of(new JournalException(
                "the journal's disk cannot be written to: " + e.getMessage() + ". Look at the disk, and start again.",
                e));
    }

    /** Ends the thread, and writes for the last time. */
    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            notifyAll();
        }
        Threads.join(thread);
        now();
    }
}
