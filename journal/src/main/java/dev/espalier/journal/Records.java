package dev.espalier.journal;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * A segment's records, little-endian, each at a multiple of eight bytes:
 *
 * <pre>
 *  0  mark and length of the payload   4  CRC32C of payload, length, sequence   8  sequence   16  payload
 * </pre>
 *
 * <p>The first word is written last: a process that is killed leaves it zero, so that a record whose first word is there
 * but whose checksum is wrong has been damaged. No single flipped bit makes the word zero.
 */
final class Records {

    static final int HEADER_BYTES = 16;
    static final int MAX_PAYLOAD = 0xFF_FFFF;

    private static final int MARK = 0xA5 << 24;
    private static final int MARK_BITS = 0xFF << 24;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle WORD = INT.varHandle();

    private Records() {}

    /** What a record takes up. */
    static long size(int payloadBytes) {
        return HEADER_BYTES + ((payloadBytes + 7L) & ~7L);
    }

    /** Writes a record, which is there from the last store on. */
    static void write(MemorySegment memory, long offset, long sequence, byte[] payload, CRC32C ofPayload) {
        memory.set(LONG, offset + 8, sequence);
        memory.set(INT, offset + 4, finish(ofPayload, payload.length, sequence));
        MemorySegment.copy(payload, 0, memory, JAVA_BYTE, offset + HEADER_BYTES, payload.length);
        WORD.setRelease(memory, offset, MARK | payload.length);
    }

    /**
     * The payload of the record at the offset; empty if none has been written there.
     *
     * @throws JournalDamage if something else is there
     */
    static Optional<byte[]> read(MemorySegment memory, long offset, long sequence, Path file) {
        if (offset + HEADER_BYTES > memory.byteSize()) {
            return Optional.empty();
        }
        int word = (int) WORD.getAcquire(memory, offset);
        if (word == 0) {
            return Optional.empty();
        }
        int length = word & MAX_PAYLOAD;
        if ((word & MARK_BITS) != MARK || offset + size(length) > memory.byteSize()) {
            throw new JournalDamage(file, offset, "this is not the length of record " + sequence);
        }
        long found = memory.get(LONG, offset + 8);
        if (found != sequence) {
            throw new JournalDamage(file, offset, "record " + found + " stands where " + sequence + " belongs");
        }
        byte[] payload = memory.asSlice(offset + HEADER_BYTES, length).toArray(JAVA_BYTE);
        CRC32C crc = new CRC32C();
        crc.update(payload);
        if (memory.get(INT, offset + 4) != finish(crc, length, sequence)) {
            throw new JournalDamage(file, offset, "the checksum of record " + sequence + " is wrong");
        }
        return Optional.of(payload);
    }

    /** Whether a record with a later sequence is anywhere behind the offset. */
    static boolean anyAfter(MemorySegment memory, long offset, long sequence, Path file) {
        for (long at = offset + 8; at + HEADER_BYTES <= memory.byteSize(); at += 8) {
            if ((memory.get(INT, at) & MARK_BITS) == MARK && isLater(memory, at, sequence, file)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isLater(MemorySegment memory, long offset, long sequence, Path file) {
        long found = memory.get(LONG, offset + 8);
        if (found <= sequence || found > sequence + memory.byteSize() / HEADER_BYTES) {
            return false;
        }
        try {
            return read(memory, offset, found, file).isPresent();
        } catch (JournalDamage notARecord) {
            return false;
        }
    }

    private static int finish(CRC32C crc, int length, long sequence) {
        byte[] rest = new byte[12];
        for (int i = 0; i < 4; i++) {
            rest[i] = (byte) (length >> (8 * i));
        }
        for (int i = 0; i < 8; i++) {
            rest[4 + i] = (byte) (sequence >> (8 * i));
        }
        crc.update(rest, 0, rest.length);
        return (int) crc.getValue();
    }
}
