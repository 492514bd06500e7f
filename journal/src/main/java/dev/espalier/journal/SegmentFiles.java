package dev.espalier.journal;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

/** The segments' files in the journal's directory, named by their numbers. */
final class SegmentFiles {

    private static final String SUFFIX = ".journal";
    private static final String UNFINISHED = ".unfinished";
    private static final int CHUNK = 1 << 20;

    private final JournalSettings settings;
    private final Clock clock;
    private final DiskReserve reserve;
    private final UUID boot = MachineBoot.id();

    SegmentFiles(JournalSettings settings, DiskReserve reserve, Clock clock) {
        this.settings = settings;
        this.reserve = reserve;
        this.clock = clock;
    }

    /** The machine's boot that this process runs in. */
    UUID boot() {
        return boot;
    }

    /** Removes what an interrupted process has left unfinished. */
    void removeUnfinished() {
        try (Stream<Path> files = Files.list(settings.directory())) {
            for (Path unfinished :
                    files.filter(file -> name(file).endsWith(UNFINISHED)).toList()) {
                Files.delete(unfinished);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot clean up the journal's directory " + settings.directory(), e);
        }
    }

    /** The segments' numbers, in order. */
    List<Long> list() {
        try (Stream<Path> files = Files.list(settings.directory())) {
            return files.map(SegmentFiles::name)
                    .filter(name -> name.endsWith(SUFFIX))
                    .map(name -> Long.parseLong(name.substring(0, name.length() - SUFFIX.length())))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the journal's directory " + settings.directory(), e);
        }
    }

    Path path(long number) {
        return settings.directory().resolve("%016d".formatted(number) + SUFFIX);
    }

    /**
     * Makes the segment that a journal opens with, which the limit leaves room for: a loader empties a journal at its limit only
     * once it is open.
     *
     * @throws JournalException if the disk has no room for it
     */
    Segment createFirst(UUID journal, long number) {
        requireRoomOnDisk();
        return make(journal, number);
    }

    /**
     * Makes a segment that is not in use yet. Its blocks are written, not only reserved, so that storing into the mapped
     * file later never needs room that the disk may not have then.
     *
     * @throws JournalException if there is no room for it
     */
    Segment create(UUID journal, long number) {
        requireRoomBelowLimit();
        requireRoomOnDisk();
        return make(journal, number);
    }

    @SuppressWarnings("MustBeClosedChecker") // Closed with the segment.
    private Segment make(UUID journal, long number) {
        Path file = path(number);
        Path unfinished = settings.directory().resolve(name(file) + UNFINISHED);
        Arena arena = Arena.ofShared();
        try (FileChannel channel = FileChannel.open(
                unfinished,
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE)) {
            ByteBuffer zeros = ByteBuffer.allocateDirect(CHUNK);
            for (long left = settings.segmentBytes(); left > 0; ) {
                left -= channel.write(zeros.clear().limit((int) Math.min(CHUNK, left)));
            }
            MemorySegment memory = channel.map(MapMode.READ_WRITE, 0, settings.segmentBytes(), arena);
            SegmentHeader.write(memory, journal, number, boot, Micros.of(clock.instant()));
            channel.force(true);
            Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
            syncDirectory();
            return new Segment(file, number, arena, memory);
        } catch (IOException e) {
            arena.close();
            throw new JournalException(
                    "the journal cannot make its next segment " + unfinished + ": " + e.getMessage()
                            + ". Give the disk more room.",
                    deleted(unfinished, e));
        }
    }

    private static IOException deleted(Path unfinished, IOException cause) {
        try {
            Files.deleteIfExists(unfinished);
        } catch (IOException e) {
            cause.addSuppressed(e);
        }
        return cause;
    }

    private void requireRoomBelowLimit() {
        try {
            long used = 0;
            for (long number : list()) {
                used += size(number);
            }
            if (used + settings.segmentBytes() > settings.limitBytes()) {
                throw new JournalException(
                        "the journal has reached its limit of " + settings.limitBytes()
                                + " bytes, because its events are not loaded. Look why the control database does not take them.");
            }
        } catch (IOException e) {
            throw new JournalException(
                    "the journal's directory " + settings.directory() + " cannot be read: " + e.getMessage()
                            + ". Look at the disk.",
                    e);
        }
    }

    private void requireRoomOnDisk() {
        long free = reserve.free();
        long needed = settings.segmentBytes() + reserve.bytes();
        if (free < needed) {
            throw new JournalException("the disk of the journal's directory " + settings.directory() + " has " + free
                    + " bytes left, and the next segment needs " + needed + ". Give the disk more room.");
        }
    }

    /** In bytes; 0 of one that the loader has deleted since it was listed. */
    private long size(long number) throws IOException {
        try {
            return Files.size(path(number));
        } catch (NoSuchFileException _) {
            return 0;
        }
    }

    /** Shortens a segment that nothing will be appended to any more. */
    void truncate(long number, long bytes) {
        try (FileChannel channel = FileChannel.open(path(number), StandardOpenOption.WRITE)) {
            channel.truncate(bytes);
            channel.force(true);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot shorten " + path(number), e);
        }
    }

    void delete(long number) {
        try {
            Files.delete(path(number));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot delete " + path(number), e);
        }
    }

    private void syncDirectory() throws IOException {
        syncDirectory(settings.directory());
    }

    /** Names that files in it have got, or have no more, are on the disk when this returns. */
    static void syncDirectory(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private static String name(Path file) {
        return file.getFileName().toString();
    }
}
