package dev.espalier.journal;

import dev.espalier.journal.SegmentHeader.Lost;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import java.util.zip.CRC32C;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The append-only record of events: numbered, checksummed, in files that are mapped into memory. An event that
 * {@link #append} has numbered is in the kernel's hands and survives the end of this process, however it comes; it is on the
 * disk after at most {@link JournalSettings#syncInterval()}, which bounds what a power cut can lose. A {@link Loader} moves
 * the events on into the control database and removes the files.
 *
 * <p>One process at a time has a journal's directory.
 */
public final class Journal implements AutoCloseable {

    /** What {@link #append} answers where it could not keep the event. */
    public static final long NOT_KEPT = 0;

    private static final Logger LOG = LoggerFactory.getLogger(Journal.class);

    /** Of the last segment for which there is room, one of so many parts is for the events of what has begun. */
    private static final int FOR_WHAT_HAS_BEGUN = 8;

    private final JournalSettings settings;
    private final Clock clock;
    private final DirectoryLock directoryLock;
    private final DiskReserve reserve;
    private final SegmentFiles files;
    private final UUID id;
    private final SegmentSupply supply;
    private final DiskSync sync;

    /** Guards what follows. */
    private final ReentrantLock lock = new ReentrantLock();

    private Segment active;
    private long last;
    private boolean closed;

    /** Written with the lock, read without. */
    private volatile Optional<JournalException> obstacle = Optional.empty();

    private Journal(JournalSettings settings, Clock clock, DirectoryLock directoryLock) {
        this.settings = settings;
        this.clock = clock;
        this.directoryLock = directoryLock;
        this.reserve = new DiskReserve(settings.directory());
        this.files = new SegmentFiles(settings, reserve, clock);
        Recovery.State found = new Recovery(files, clock.instant()).run();
        this.id = found.journal();
        this.last = found.lastSequence();
        this.active = files.createFirst(id, found.lastNumber() + 1);
        this.supply = new SegmentSupply(files, id, active.number() + 1);
        this.sync = new DiskSync(settings.syncInterval(), found.lastSequence(), this::position, this::lookAtDisk);
        begin(active, found.notices());
    }

    /**
     * Opens the journal in the directory, or begins one there.
     *
     * @throws JournalDamage if its segments do not hold what was written to them
     * @throws JournalException if another process has it, or there is no room
     */
    public static Journal open(JournalSettings settings, Clock clock) {
        try {
            Files.createDirectories(settings.directory());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot make the journal's directory " + settings.directory(), e);
        }
        FileSystems.prepare(settings.directory());
        closeToOthers(settings.directory());
        DirectoryLock lock = DirectoryLock.take(settings.directory());
        try {
            Journal journal = new Journal(settings, clock, lock);
            journal.supply.start();
            journal.sync.start();
            return journal;
        } catch (RuntimeException e) {
            lock.close();
            throw e;
        }
    }

    /** Statements of all projects are in it. */
    private static void closeToOthers(Path directory) {
        try {
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot close " + directory + " to others", e);
        }
    }

    /** Never changes; the control database tells journals apart by it. */
    public UUID id() {
        return id;
    }

    /** The journal's directory. */
    public Path directory() {
        return settings.directory();
    }

    /** Sequence of the last event; 0 if there never was one. */
    public long lastSequence() {
        lock.lock();
        try {
            return last;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Why nothing should begin whose event must be kept: a journal that is {@link Durability#STRICT} takes none now, or has room only
     * for those of what has begun. Costs nothing to ask.
     */
    public Optional<JournalException> obstacle() {
        return obstacle;
    }

    /** Why events are not kept now, or not on the disk for certain, whatever the {@link Durability}; empty while all is well. */
    public Optional<String> problem() {
        lock.lock();
        try {
            if (closed) {
                return Optional.empty();
            }
            Optional<String> why =
                    sync.failure().or(reserve::obstacle).or(supply::obstacle).map(Throwable::getMessage);
            Lost lost = active.lost();
            return lost.count() == 0
                    ? why
                    : Optional.of(lost.count() + " events could not be kept since " + Micros.instant(lost.firstMicros())
                            + ": " + why.orElse("the journal's disk has not kept up with them."));
        } finally {
            lock.unlock();
        }
    }

    /**
     * Keeps an event. Takes a few microseconds, and longer only where events come faster than the disk can take them: up to
     * {@link JournalSettings#patience()} then, which is logged. From any thread.
     *
     * @return the event's sequence, one more than that of the event before; {@link #NOT_KEPT} if it could not be kept and the
     *     journal is {@link Durability#AVAILABLE}
     * @throws JournalException if it could not be kept and the journal is {@link Durability#STRICT}; or if it is closed. It is a part
     *     of a gap then, as in the other case
     */
    public long append(Event event) {
        byte[] payload = EventCodec.encode(event);
        CRC32C crc = new CRC32C();
        crc.update(payload);
        lock.lock();
        try {
            refuseIfClosed();
            Optional<JournalException> refusal = makeRoom(payload.length);
            if (refusal.isPresent()) {
                return refuse(event, refusal.get());
            }
            active.append(last + 1, payload, crc);
            last++;
            leavesTooLittle(0).ifPresent(this::hinders);
            return last;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Keeps all of the events or none of them, whatever the {@link Durability}: for a caller who still has them and comes again. So
     * they are no gap, and leave the last room to the events of what has begun where it is {@link Durability#STRICT}. A kill between
     * two of them leaves the first.
     *
     * @return the last one's sequence
     * @throws JournalException if they could not be kept
     */
    public long keep(List<? extends Event> events) {
        List<byte[]> payloads = events.stream().map(EventCodec::encode).toList();
        int bytes = Math.toIntExact(payloads.stream()
                .mapToLong(payload -> Records.size(payload.length))
                .sum());
        lock.lock();
        try {
            refuseIfClosed();
            Optional<JournalException> refusal =
                    obstacle.or(() -> leavesTooLittle(bytes)).or(() -> makeRoom(bytes));
            if (refusal.isPresent()) {
                throw notRecorded(refusal.get());
            }
            payloads.forEach(payload -> append(active, payload));
            return last;
        } finally {
            lock.unlock();
        }
    }

    /** Why there is no room behind so many bytes but for the events of what has begun; nothing is left to those unless STRICT. */
    private Optional<JournalException> leavesTooLittle(int bytes) {
        return settings.durability() != Durability.STRICT
                        || active.fits(bytes + settings.segmentBytes() / FOR_WHAT_HAS_BEGUN)
                ? Optional.empty()
                : supply.endsBecause();
    }

    private void append(Segment segment, byte[] payload) {
        CRC32C crc = new CRC32C();
        crc.update(payload);
        segment.append(++last, payload, crc);
    }

    private void refuseIfClosed() {
        if (closed) {
            throw new JournalException("the journal in " + settings.directory() + " is closed");
        }
    }

    private static JournalException notRecorded(JournalException cause) {
        return new JournalException("the event cannot be recorded: " + cause.getMessage(), cause);
    }

    private void hinders(JournalException cause) {
        if (settings.durability() == Durability.STRICT) {
            obstacle = Optional.of(cause);
        }
    }

    /** Why not even the smallest event can be kept, whatever room there is. */
    private Optional<JournalException> diskObstacle() {
        Optional<JournalException> failure =
                settings.durability() == Durability.STRICT ? sync.failure() : Optional.empty();
        return failure.isPresent() ? failure : reserve.obstacle();
    }

    private Optional<JournalException> makeRoom(int payloadBytes) {
        Optional<JournalException> ofDisk = diskObstacle();
        if (ofDisk.isPresent()) {
            return ofDisk;
        }
        if (active.fits(payloadBytes)) {
            return Optional.empty();
        }
        if (SegmentHeader.BYTES + Records.size(payloadBytes) > settings.segmentBytes() / 2) {
            return Optional.of(new JournalException("an event of " + payloadBytes
                    + " bytes is too long for segments of " + settings.segmentBytes() + ". Shorten its texts."));
        }
        return next(settings.patience());
    }

    private Optional<JournalException> next(Duration patience) {
        Optional<Segment> next = supply.take(patience);
        if (next.isEmpty()) {
            JournalException cause = supply.obstacle()
                    .orElseGet(() -> new JournalException(
                            "the journal's disk has not made the next segment in time. Give it a faster disk."));
            hinders(cause);
            return Optional.of(cause);
        }
        List<AuditEvent> notices =
                active.lost().count() == 0 ? List.of() : List.of(JournalEvents.gap(active.lost(), clock.instant()));
        sync.retire(active);
        active = next.get();
        begin(active, notices);
        obstacle = Optional.empty();
        return Optional.empty();
    }

    /** A new segment counts from the moment that it holds what is to be said of the one before. */
    private void begin(Segment segment, List<AuditEvent> notices) {
        long first = last + 1;
        for (AuditEvent notice : notices) {
            append(segment, EventCodec.encode(notice));
            LOG.error("the journal records {}: {}", notice.action(), notice.parameters());
        }
        segment.activate(first);
    }

    private long refuse(Event event, JournalException cause) {
        active.lose(Micros.of(event.time()));
        if (settings.durability() == Durability.STRICT) {
            throw notRecorded(cause);
        }
        return NOT_KEPT;
    }

    private void lookAtDisk() {
        reserve.look();
        lock.lock();
        try {
            Optional<JournalException> ofDisk = diskObstacle();
            if (ofDisk.isPresent()) {
                hinders(ofDisk.get());
            } else if (supply.isReady() || active.fits(settings.segmentBytes() / FOR_WHAT_HAS_BEGUN)) {
                thereIsRoom();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Events that were lost are told of as soon as there is room again, and not only when the next event comes. */
    private void thereIsRoom() {
        obstacle = Optional.empty();
        if (!closed && active.lost().count() > 0 && supply.isReady()) {
            next(Duration.ZERO);
        }
    }

    private DiskSync.Position position() {
        lock.lock();
        try {
            return new DiskSync.Position(active, active.position(), last);
        } finally {
            lock.unlock();
        }
    }

    /** Writes everything appended so far to the disk, and waits for it. */
    public void sync() {
        sync.now();
    }

    /** Sequence of the last event that is on the disk for certain. */
    long syncedSequence() {
        return sync.sequence();
    }

    /** Waits until an event behind the sequence is on the disk for certain, or the time is over. */
    void awaitSynced(long beyond, Duration timeout) {
        sync.await(beyond, timeout);
    }

    SegmentFiles files() {
        return files;
    }

    /** Removes the segments that have nothing but events up to the sequence; the last one stays. */
    void deleteThrough(long sequence) {
        List<Long> numbers = files.list();
        List<Long> loaded = new ArrayList<>();
        for (int i = 0; i + 1 < numbers.size(); i++) {
            try (SegmentReader next = new SegmentReader(files.path(numbers.get(i + 1)))) {
                if (next.header().firstSequence() == 0 || next.header().firstSequence() > sequence + 1) {
                    break;
                }
            }
            loaded.add(numbers.get(i));
        }
        loaded.forEach(files::delete);
        if (!loaded.isEmpty()) {
            supply.roomFreed();
        }
    }

    /** Refuses events from now on, and leaves those that are not loaded yet to the next process. */
    @Override
    public void close() {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
        } finally {
            lock.unlock();
        }
        supply.close();
        sync.close();
        active.finish();
        active.unmap();
        files.truncate(active.number(), active.position());
        directoryLock.close();
    }
}
