package dev.espalier.journal;

import dev.espalier.journal.SegmentHeader.Lost;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.zip.CRC32C;

/** The writing end of one segment, mapped into memory. Its callers see to it that one thread writes at a time. */
final class Segment {

    private final Path file;
    private final long number;
    private final Arena arena;
    private final MemorySegment memory;

    private long position = SegmentHeader.BYTES;
    private long synced;
    private Lost lost = Lost.NONE;

    Segment(Path file, long number, Arena arena, MemorySegment memory) {
        this.file = file;
        this.number = number;
        this.arena = arena;
        this.memory = memory;
    }

    Path file() {
        return file;
    }

    long number() {
        return number;
    }

    /** Bytes up to the end of the last record. */
    long position() {
        return position;
    }

    boolean fits(int payloadBytes) {
        return position + Records.size(payloadBytes) <= memory.byteSize();
    }

    void append(long sequence, byte[] payload, CRC32C ofPayload) {
        Records.write(memory, position, sequence, payload, ofPayload);
        position += Records.size(payload.length);
    }

    /** What is appended counts from here on, what was appended before included. */
    void activate(long firstSequence) {
        SegmentHeader.activate(memory, firstSequence);
    }

    /** Remembers, over the end of the process too, that an event could not be kept. */
    void lose(long micros) {
        lost = lost.plus(micros);
        SegmentHeader.lost(memory, lost);
    }

    Lost lost() {
        return lost;
    }

    /** Writes everything up to the position to the disk. One thread at a time, which may be another than the appending one. */
    void sync(long upTo) {
        if (upTo > synced) {
            memory.asSlice(synced, upTo - synced).force();
            synced = upTo;
            SegmentHeader.synced(memory, upTo);
        }
    }

    /** As {@link #sync}, for the last time; says so in the header. */
    void finish() {
        sync(position);
        SegmentHeader.close(memory);
        memory.asSlice(0, SegmentHeader.BYTES).force();
    }

    /** Takes it out of memory; the file stays. */
    void unmap() {
        arena.close();
    }
}
