package dev.espalier.journal;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Moves a journal's events into the system tables, on a thread of its own, and removes the segments whose events are there.
 * Each event is loaded exactly once. Only what is on the journal's disk for certain is loaded, so that the tables never
 * know more than the journal does after a power cut.
 */
public final class Loader implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Loader.class);

    private static final int BATCH_EVENTS = 20_000;
    private static final long BATCH_BYTES = 16 << 20;
    private static final Duration IDLE = Duration.ofSeconds(1);

    /** From one batch to the next, unless somebody waits or one is full: a transaction costs more than a hundred rows. */
    private static final Duration PACE = Duration.ofSeconds(1);

    private static final Duration UPKEEP_INTERVAL = Duration.ofHours(1);
    private static final Duration UPKEEP_RETRY = Duration.ofMinutes(1);

    /** As long as a reader's transaction may be. Whoever is in the way then has taken turns. */
    private static final Duration READERS_PATIENCE = Duration.ofMinutes(10);

    private final Journal journal;
    private final DataSource dataSource;
    private final Clock clock;
    private final Partitions partitions = new Partitions();
    private final Origins origins = new Origins();
    private final Upkeep upkeep;
    private final JournalReader reader;
    private final HeadFile headFile;
    private final Backoff backoff = new Backoff();
    private final Thread thread;

    /** By {@link System#nanoTime}, so that no jump of the clock puts it off. */
    private long nextUpkeep = System.nanoTime();

    private boolean looked;

    /** Guarded by this. */
    private long loaded;

    /** The last event that somebody waits for. */
    private long wanted;

    private Optional<String> obstacle = Optional.empty();
    private List<String> upkeepProblems = List.of();
    private boolean closed;

    private Loader(Journal journal, DataSource dataSource, Retention retention, Clock clock) {
        this.journal = journal;
        this.dataSource = dataSource;
        this.clock = clock;
        this.upkeep = new Upkeep(partitions, retention, new RetentionClock(System::nanoTime), READERS_PATIENCE);
        this.reader = new JournalReader(journal.files());
        this.headFile = new HeadFile(journal.directory(), journal.id());
        this.thread = Thread.ofPlatform().daemon().name("journal-loader").unstarted(this::run);
    }

    /**
     * Begins to load.
     *
     * @param dataSource to the database whose tables {@link JournalSchema#migrate} has made; one session at a time is used
     */
    public static Loader start(Journal journal, DataSource dataSource, Retention retention, Clock clock) {
        Loader loader = new Loader(journal, dataSource, retention, clock);
        loader.thread.start();
        return loader;
    }

    /** Sequence of the last event that this loader knows to be in the tables; 0 before it has looked. */
    public synchronized long loaded() {
        return loaded;
    }

    /** Why nothing is loaded at the moment; empty while all is well. */
    public synchronized Optional<String> obstacle() {
        return obstacle;
    }

    /** Everything that is not as it should be: why nothing is loaded, and why old rows stay. */
    public synchronized List<String> problems() {
        return Stream.concat(obstacle.stream(), upkeepProblems.stream()).toList();
    }

    /**
     * Waits until an event can be read in the tables.
     *
     * @throws JournalException if it cannot within the time; the message says what stands in the way
     */
    public void awaitLoaded(long sequence, Duration timeout) {
        journal.sync();
        synchronized (this) {
            wanted = Math.max(wanted, sequence);
            notifyAll();
            Threads.await(this, () -> loaded >= sequence || closed, timeout);
            if (loaded < sequence) {
                throw new JournalException("event " + sequence + " is not in the system tables after "
                        + timeout.toMillis() + " ms, they have come to " + loaded + ": "
                        + obstacle.orElse("the loader is behind, or closed"));
            }
        }
    }

    private void run() {
        while (!isClosed()) {
            try {
                if (System.nanoTime() - nextUpkeep >= 0) {
                    keepUp();
                }
                if (!loadBatch()) {
                    journal.awaitSynced(loaded(), IDLE);
                    pause();
                }
                if (backoff.reset()) {
                    LOG.info("events are loaded again");
                }
                clearObstacle();
            } catch (SQLException | RuntimeException e) {
                partitions.forget();
                reader.close();
                waitAfter(e);
            }
        }
        reader.close();
    }

    /** So that what comes in the meantime goes together. */
    private synchronized void pause() {
        Threads.await(this, () -> wanted > loaded || closed, PACE);
    }

    /** @return whether there is more to load */
    private boolean loadBatch() throws SQLException {
        long to = journal.syncedSequence();
        if (looked && loaded() >= to) {
            return false;
        }
        long now;
        try (Connection connection = dataSource.getConnection()) {
            connection.setAutoCommit(false);
            now = load(connection, to);
        }
        looked = true;
        synchronized (this) {
            loaded = now;
            notifyAll();
        }
        journal.deleteThrough(now);
        return now < to;
    }

    private long load(Connection connection, long to) throws SQLException {
        Transfer transfer = begin(connection);
        if (transfer.sequence() > to) {
            throw new JournalException("the control database has events up to " + transfer.sequence()
                    + " of the journal in " + journal.directory() + ", which itself has them only up to " + to
                    + ". An older copy of the directory has been put in its place: restore the newest, or move it away to "
                    + "begin a new journal.");
        }
        long first = reader.firstSequence();
        if (first > transfer.sequence() + 1) {
            transfer.skipTo(first, clock.instant());
        }
        if (transfer.sequence() < to) {
            reader.read(transfer.sequence() + 1, to, BATCH_EVENTS, BATCH_BYTES).forEach(transfer::add);
        }
        transfer.commit();
        return transfer.sequence();
    }

    private Transfer begin(Connection connection) throws SQLException {
        return new Transfer(connection, partitions, origins, journal.id(), headFile, clock.instant());
    }

    /** What it cannot do now does not keep events from being loaded. */
    private void keepUp() throws SQLException {
        try (Connection connection = dataSource.getConnection()) {
            connection.setAutoCommit(false);
            origins.forget();
            boolean all = upkeep.run(connection, clock.instant(), this::begin);
            keptUp(upkeep.problems(), all ? UPKEEP_INTERVAL : UPKEEP_RETRY);
        } catch (SQLException e) {
            partitions.forget();
            keptUp(
                    List.of("partitions of the system tables could not be made or dropped: " + e.getMessage()),
                    UPKEEP_RETRY);
        }
    }

    private synchronized void keptUp(List<String> problems, Duration untilNext) {
        nextUpkeep = System.nanoTime() + untilNext.toNanos();
        upkeepProblems = List.copyOf(problems);
        problems.forEach(problem -> LOG.warn("{}; the next try is in {}", problem, untilNext));
    }

    private synchronized void clearObstacle() {
        obstacle = Optional.empty();
    }

    private synchronized void waitAfter(Exception e) {
        if (closed) {
            return;
        }
        obstacle = Optional.of(String.valueOf(e.getMessage()));
        Duration pause = backoff.next();
        LOG.error(
                "events up to {} are loaded, and no more can be at the moment; the next try is in {} ms: {}",
                loaded,
                pause.toMillis(),
                e.getMessage(),
                e);
        Threads.await(this, () -> closed, pause);
    }

    private synchronized boolean isClosed() {
        return closed;
    }

    /** Ends after the batch it is at; close the journal after this. */
    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            notifyAll();
        }
        Threads.join(thread);
    }
}
