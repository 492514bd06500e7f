package dev.espalier.sql.grammar;

import java.util.Arrays;

/** Reads the primitive encodings of a WebAssembly binary: bytes, LEB128 numbers and runs of bytes. */
final class WasmReader {

    private final byte[] bytes;
    private int position;

    WasmReader(byte[] bytes) {
        this.bytes = bytes;
    }

    boolean hasMore() {
        return position < bytes.length;
    }

    int position() {
        return position;
    }

    int readByte() {
        return bytes[position++] & 0xff;
    }

    /** @return an unsigned LEB128 number, which everything but a constant is */
    int readUnsigned() {
        int value = 0;
        int shift = 0;
        int next;
        do {
            next = readByte();
            value |= (next & 0x7f) << shift;
            shift += 7;
        } while ((next & 0x80) != 0);
        return value;
    }

    void skipNumber() {
        while ((readByte() & 0x80) != 0) {}
    }

    void skip(int count) {
        position += count;
    }

    byte[] readBytes(int count) {
        position += count;
        return bytesFrom(position - count);
    }

    byte[] readRest() {
        return readBytes(bytes.length - position);
    }

    /** @return what has been read since a position */
    byte[] bytesFrom(int start) {
        return Arrays.copyOfRange(bytes, start, position);
    }
}
