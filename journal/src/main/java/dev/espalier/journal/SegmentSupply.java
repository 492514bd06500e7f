package dev.espalier.journal;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes segments ahead on a thread of its own, so that appending never waits for the disk while there is room on it. The thread takes no
 * lock of the journal's: whoever waits for a segment has that.
 */
final class SegmentSupply implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(SegmentSupply.class);
    private static final int AHEAD = 2;
    private static final Duration RETRY = Duration.ofMillis(200);
    private static final Duration IDLE = Duration.ofHours(1);

    private final SegmentFiles files;
    private final UUID journal;
    private final Thread thread;
    private final Deque<Segment> ready = new ArrayDeque<>();

    private long nextNumber;
    private Optional<JournalException> obstacle = Optional.empty();
    private boolean roomFreed;
    private boolean closed;

    /** @param nextNumber of the first segment to make */
    SegmentSupply(SegmentFiles files, UUID journal, long nextNumber) {
        this.files = files;
        this.journal = journal;
        this.nextNumber = nextNumber;
        this.thread = Thread.ofPlatform().daemon().name("journal-segments").unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    /**
     * The next segment. Waits while one is being made; does not wait when none can be made.
     *
     * @return empty if there is none, see {@link #obstacle()}
     */
    synchronized Optional<Segment> take(Duration patience) {
        if (ready.isEmpty() && obstacle.isEmpty()) {
            long begin = System.nanoTime();
            Threads.await(this, () -> !ready.isEmpty() || obstacle.isPresent() || closed, patience);
            LOG.warn(
                    "the journal's disk is slower than its events: appending has waited {} ms for the next segment",
                    (System.nanoTime() - begin) / 1_000_000);
        }
        Optional<Segment> segment = Optional.ofNullable(ready.poll());
        notifyAll();
        return segment;
    }

    synchronized boolean isReady() {
        return !ready.isEmpty();
    }

    /** Why no segment can be made; empty while they can. */
    synchronized Optional<JournalException> obstacle() {
        return obstacle;
    }

    /** Why the segment that was taken last is the last one for now; empty unless it is. */
    synchronized Optional<JournalException> endsBecause() {
        return ready.isEmpty() ? obstacle : Optional.empty();
    }

    /** There may be room again. */
    synchronized void roomFreed() {
        roomFreed = true;
        notifyAll();
    }

    private void run() {
        while (awaitNeed()) {
            try {
                add(files.create(journal, nextNumber));
            } catch (JournalException e) {
                awaitRoom(e);
            } catch (RuntimeException e) {
                awaitRoom(new JournalException(
                        "the journal cannot make its next segment: " + e.getMessage() + ". Look at the disk.", e));
            }
        }
    }

    private synchronized void add(Segment segment) {
        if (obstacle.isPresent()) {
            LOG.info("the journal has room again");
        }
        obstacle = Optional.empty();
        nextNumber++;
        ready.add(segment);
        notifyAll();
    }

    private synchronized boolean awaitNeed() {
        while (ready.size() >= AHEAD && !closed) {
            Threads.await(this, () -> ready.size() < AHEAD || closed, IDLE);
        }
        return !closed;
    }

    private synchronized void awaitRoom(JournalException cause) {
        if (obstacle.isEmpty()) {
            LOG.error(
                    "the journal will take no more events than fit into {} segments: {}",
                    ready.size() + 1,
                    cause.getMessage(),
                    cause);
        }
        obstacle = Optional.of(cause);
        notifyAll();
        roomFreed = false;
        Threads.await(this, () -> closed || roomFreed, RETRY);
    }

    /** Ends the thread and removes the segments that nobody has taken. */
    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            notifyAll();
        }
        Threads.join(thread);
        for (Segment segment : ready) {
            segment.unmap();
            files.delete(segment.number());
        }
    }
}
