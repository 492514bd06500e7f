package dev.espalier.postgres;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Reads the records of a write-ahead log, as far as it is whole. The layout is that of PostgreSQL's xlog_internal.h and
 * xlogrecord.h, the same from 15 to 18: pages of 8 KiB with a header, records that may run over page ends, each protected
 * by a CRC-32C. Whatever does not check is the end of the log, as in PostgreSQL's own recovery.
 */
final class WalReader {

    /**
     * One record.
     *
     * @param start its position
     * @param end position after it
     * @param resourceManager which part of PostgreSQL wrote it
     * @param info what it says
     * @param content the whole record, header included
     */
    record WalRecord(Lsn start, Lsn end, int resourceManager, int info, ByteBuffer content) {}

    static final int RECORD_HEADER = 24;
    static final int XLOG = 0;
    static final int PAGE = 8192;

    private static final int SHORT_PAGE_HEADER = 24;
    private static final int FIRST_IS_CONTINUATION = 0x0001;
    private static final int FIRST_OVERWRITES_CONTINUATION = 0x0008;
    private static final int XLOG_SWITCH = 0x40;
    private static final int CRC_OFFSET = 20;
    private static final int LONGEST_RECORD = 1 << 30;

    private final WalSegments segments;
    private Lsn position;
    private @Nullable ByteBuffer segment;
    private long segmentStart = -1;

    /** Begins with the first record that starts on the page of {@code from} or later. */
    WalReader(WalSegments segments, Lsn from) {
        this.segments = segments;
        this.position = new Lsn(from.value() & -PAGE);
        skipContinuation();
    }

    private void skipContinuation() {
        while (true) {
            ByteBuffer page = page(position.value());
            if (page == null || (page.getShort(2) & FIRST_IS_CONTINUATION) == 0) {
                return;
            }
            int header = headerLength(position.value());
            long remaining = Integer.toUnsignedLong(page.getInt(16));
            if (remaining <= PAGE - header) {
                position = position.plus(aligned(header + remaining));
                return;
            }
            position = position.plus(PAGE);
        }
    }

    /** The next record; empty at the end of what is there. */
    Optional<WalRecord> next() {
        Optional<WalRecord> record = read();
        return record.isPresent() || !skipTorn() ? record : read();
    }

    /**
     * A crash can leave a record of which only the beginning was written. PostgreSQL then goes on with the next page, and
     * says so there.
     */
    private boolean skipTorn() {
        for (long page = (position.value() & -PAGE) + PAGE; ; page += PAGE) {
            ByteBuffer bytes = page(page);
            if (bytes == null) {
                return false;
            }
            if ((bytes.getShort(2) & FIRST_OVERWRITES_CONTINUATION) != 0) {
                position = new Lsn(page);
                return true;
            }
        }
    }

    private Optional<WalRecord> read() {
        Cursor cursor = new Cursor(position.value());
        if (!cursor.enterPage()) {
            return Optional.empty();
        }
        long start = cursor.at;
        byte[] length = new byte[4];
        if (!cursor.read(length, 0, 4)) {
            return Optional.empty();
        }
        long total = Integer.toUnsignedLong(
                ByteBuffer.wrap(length).order(ByteOrder.LITTLE_ENDIAN).getInt());
        if (total < RECORD_HEADER || total > LONGEST_RECORD) {
            return Optional.empty();
        }
        byte[] bytes = new byte[(int) total];
        System.arraycopy(length, 0, bytes, 0, 4);
        if (!cursor.read(bytes, 4, bytes.length - 4)) {
            return Optional.empty();
        }
        ByteBuffer content = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        if (!checks(bytes, content.getInt(CRC_OFFSET))) {
            return Optional.empty();
        }
        int info = Byte.toUnsignedInt(content.get(16));
        int manager = Byte.toUnsignedInt(content.get(17));
        long end = aligned(cursor.at);
        if (manager == XLOG && (info & 0xF0) == XLOG_SWITCH) {
            end = (start / WalSegments.SEGMENT_BYTES + 1) * WalSegments.SEGMENT_BYTES;
        }
        position = new Lsn(end);
        return Optional.of(new WalRecord(new Lsn(start), position, manager, info, content));
    }

    /** The CRC covers what follows the header first, then the header up to the CRC itself (xlogrecord.h). */
    private static boolean checks(byte[] bytes, int expected) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, RECORD_HEADER, bytes.length - RECORD_HEADER);
        crc.update(bytes, 0, CRC_OFFSET);
        return (int) crc.getValue() == expected;
    }

    private static long aligned(long position) {
        return (position + 7) & -8L;
    }

    static int headerLength(long page) {
        return page % WalSegments.SEGMENT_BYTES == 0 ? WalSegments.LONGEST_PAGE_HEADER : SHORT_PAGE_HEADER;
    }

    /** The page that begins at this position; null where the log has not come so far. */
    private @Nullable ByteBuffer page(long start) {
        long wanted = start / WalSegments.SEGMENT_BYTES * WalSegments.SEGMENT_BYTES;
        if (wanted != segmentStart) {
            segmentStart = wanted;
            segment = segments.holding(new Lsn(wanted)).map(WalReader::map).orElse(null);
        }
        int offset = (int) (start - wanted);
        if (segment == null || segment.limit() < offset + PAGE) {
            return null;
        }
        ByteBuffer page = segment.slice(offset, PAGE).order(ByteOrder.LITTLE_ENDIAN);
        // A recycled segment still holds the pages of its former life: they carry another address. The first segment of
        // a
        // timeline begins as a copy of its predecessor's, whose pages carry that one's number.
        boolean whole = page.getShort(0) != 0 && page.getLong(8) == start && page.getInt(4) <= segments.timeline();
        return whole ? page : null;
    }

    private static ByteBuffer map(Path file) {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            return channel.map(MapMode.READ_ONLY, 0, channel.size());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the write-ahead log " + file, e);
        }
    }

    /** Reads on over page ends. */
    private final class Cursor {

        private long at;

        Cursor(long at) {
            this.at = at;
        }

        /** Steps over the header when at the start of a page; false at the end of the log. */
        boolean enterPage() {
            if (at % PAGE == 0) {
                if (page(at) == null) {
                    return false;
                }
                at += headerLength(at);
            }
            return true;
        }

        boolean read(byte[] into, int offset, int length) {
            int done = 0;
            while (done < length) {
                if (!enterPage()) {
                    return false;
                }
                long start = at & -PAGE;
                ByteBuffer page = page(start);
                if (page == null) {
                    return false;
                }
                int here = (int) (at - start);
                int count = Math.min(length - done, PAGE - here);
                page.get(here, into, offset + done, count);
                at += count;
                done += count;
            }
            return true;
        }
    }
}
