package dev.espalier.journal;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.UUID;
import java.util.zip.CRC32C;

/**
 * The first {@value #BYTES} bytes of a segment, little-endian:
 *
 * <pre>
 *   0  magic                       8  version          12  CRC32C of bytes 16 to 63
 *  16  journal id (16)            32  segment number   40  boot id of the machine (16)   56  made, in µs
 *  64  first sequence; 0 until the segment is in use   72  complement of the first sequence
 *  80  bytes from the beginning that are on the disk for certain
 *  88  events lost since          96  first lost, in µs   104  last lost, in µs
 * 112  1 when the journal was closed in order
 * </pre>
 *
 * @param boot the machine's boot during which the segment was made
 * @param firstSequence 0 if it was never in use
 * @param synced bytes from the beginning that were on the disk for certain
 * @param lost events that could not be kept while this was the last segment
 */
record SegmentHeader(UUID journal, long number, UUID boot, long firstSequence, long synced, Lost lost, boolean closed) {

    static final int BYTES = 128;
    static final int VERSION = 1;

    private static final long MAGIC = 0x314c4e524a505345L; // "ESPJRNL1"
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONG_AT = LONG.varHandle();

    private static final long VERSION_AT = 8;
    private static final long CRC_AT = 12;
    private static final long JOURNAL_AT = 16;
    private static final long NUMBER_AT = 32;
    private static final long BOOT_AT = 40;
    private static final long MADE_AT = 56;
    private static final long FIRST_AT = 64;
    private static final long COMPLEMENT_AT = 72;
    private static final long SYNCED_AT = 80;
    private static final long LOST_AT = 88;
    private static final long CLOSED_AT = 112;

    /**
     * Events that could not be kept.
     *
     * @param firstMicros when the first of them happened
     * @param lastMicros when the last of them happened
     */
    record Lost(long count, long firstMicros, long lastMicros) {

        static final Lost NONE = new Lost(0, 0, 0);

        Lost plus(long micros) {
            return count == 0
                    ? new Lost(1, micros, micros)
                    : new Lost(count + 1, Math.min(firstMicros, micros), Math.max(lastMicros, micros));
        }
    }

    /** Writes the header of a segment that is not in use yet. */
    static void write(MemorySegment memory, UUID journal, long number, UUID boot, long madeMicros) {
        memory.set(LONG, 0, MAGIC);
        memory.set(INT, VERSION_AT, VERSION);
        putId(memory, JOURNAL_AT, journal);
        memory.set(LONG, NUMBER_AT, number);
        putId(memory, BOOT_AT, boot);
        memory.set(LONG, MADE_AT, madeMicros);
        memory.set(INT, CRC_AT, crc(memory));
    }

    /** From this store on the segment is in use. */
    static void activate(MemorySegment memory, long firstSequence) {
        memory.set(LONG, COMPLEMENT_AT, ~firstSequence);
        LONG_AT.setRelease(memory, FIRST_AT, firstSequence);
    }

    static void synced(MemorySegment memory, long bytes) {
        memory.set(LONG, SYNCED_AT, bytes);
    }

    /** The count is written last when it becomes more, so that it never counts what has no times. */
    static void lost(MemorySegment memory, Lost lost) {
        memory.set(LONG, LOST_AT + 8, lost.firstMicros());
        memory.set(LONG, LOST_AT + 16, lost.lastMicros());
        LONG_AT.setRelease(memory, LOST_AT, lost.count());
    }

    static void close(MemorySegment memory) {
        memory.set(LONG, CLOSED_AT, 1);
    }

    /** @throws JournalDamage if this is no header, or not the one that was written */
    static SegmentHeader read(MemorySegment memory, Path file) {
        if (memory.byteSize() < BYTES || memory.get(LONG, 0) != MAGIC) {
            throw new JournalDamage(file, 0, "this is not the beginning of a segment");
        }
        if (memory.get(INT, VERSION_AT) != VERSION) {
            throw new JournalDamage(
                    file,
                    VERSION_AT,
                    "version " + memory.get(INT, VERSION_AT)
                            + " of the format is not known to this version of Espalier");
        }
        if (memory.get(INT, CRC_AT) != crc(memory)) {
            throw new JournalDamage(file, CRC_AT, "the header's checksum is wrong");
        }
        long first = (long) LONG_AT.getAcquire(memory, FIRST_AT);
        if (first < 0 || (first != 0 && memory.get(LONG, COMPLEMENT_AT) != ~first)) {
            throw new JournalDamage(file, FIRST_AT, "the first sequence " + first + " was not written");
        }
        return new SegmentHeader(
                id(memory, JOURNAL_AT),
                memory.get(LONG, NUMBER_AT),
                id(memory, BOOT_AT),
                first,
                memory.get(LONG, SYNCED_AT),
                new Lost(memory.get(LONG, LOST_AT), memory.get(LONG, LOST_AT + 8), memory.get(LONG, LOST_AT + 16)),
                memory.get(LONG, CLOSED_AT) != 0);
    }

    private static int crc(MemorySegment memory) {
        CRC32C crc = new CRC32C();
        crc.update(memory.asSlice(JOURNAL_AT, FIRST_AT - JOURNAL_AT).toArray(JAVA_BYTE));
        return (int) crc.getValue();
    }

    private static void putId(MemorySegment memory, long offset, UUID id) {
        memory.set(LONG, offset, id.getMostSignificantBits());
        memory.set(LONG, offset + 8, id.getLeastSignificantBits());
    }

    private static UUID id(MemorySegment memory, long offset) {
        return new UUID(memory.get(LONG, offset), memory.get(LONG, offset + 8));
    }
}
