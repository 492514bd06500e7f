package dev.espalier.journal;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/** Reads one segment's records in order, also while it is appended to. */
final class SegmentReader implements AutoCloseable {

    private final Path file;
    private final Arena arena;
    private final MemorySegment memory;
    private final SegmentHeader header;

    private long offset = SegmentHeader.BYTES;
    private long next;

    /** @throws JournalDamage if the header is not the one that was written */
    @SuppressWarnings("MustBeClosedChecker") // Closed with this.
    SegmentReader(Path file) {
        this.file = file;
        this.arena = Arena.ofConfined();
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            this.memory = channel.map(MapMode.READ_ONLY, 0, channel.size(), arena);
            this.header = SegmentHeader.read(memory, file);
            this.next = header.firstSequence();
        } catch (IOException e) {
            arena.close();
            throw new UncheckedIOException("cannot read " + file, e);
        } catch (JournalDamage e) {
            arena.close();
            throw e;
        }
    }

    SegmentHeader header() {
        return header;
    }

    /** Where the next record is, or will be. */
    long offset() {
        return offset;
    }

    /** Sequence of the next record. */
    long nextSequence() {
        return next;
    }

    /**
     * The next record's payload; empty if none has been appended yet.
     *
     * @throws JournalDamage if something else is there
     */
    Optional<byte[]> next() {
        Optional<byte[]> found = Records.read(memory, offset, next, file);
        found.ifPresent(payload -> {
            offset += Records.size(payload.length);
            next++;
        });
        return found;
    }

    /** Whether nothing has ever been written behind the last record. */
    boolean isCleanBehind() {
        for (long at = offset; at < memory.byteSize(); at++) {
            if (memory.get(ValueLayout.JAVA_BYTE, at) != 0) {
                return false;
            }
        }
        return true;
    }

    boolean hasRecordsBehind() {
        return Records.anyAfter(memory, offset, next, file);
    }

    JournalDamage damage(String what) {
        return new JournalDamage(file, offset, what);
    }

    @Override
    public void close() {
        arena.close();
    }
}
