package dev.espalier.journal;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;

/** Fields one after the other: numbers in groups of seven bits, lowest first; texts as length and UTF-8. */
final class EventWriter {

    private byte[] bytes = new byte[768];
    private int length;

    void bool(boolean value) {
        number(value ? 1 : 0);
    }

    void number(long value) {
        ensure(10);
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            bytes[length++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        bytes[length++] = (byte) rest;
    }

    void time(Instant value) {
        number(Micros.of(value));
    }

    void text(String value) {
        byte[] encoded = value.getBytes(StandardCharsets.UTF_8);
        number(encoded.length);
        ensure(encoded.length);
        System.arraycopy(encoded, 0, bytes, length, encoded.length);
        length += encoded.length;
    }

    void texts(Map<String, String> values) {
        number(values.size());
        values.forEach((key, value) -> {
            text(key);
            text(value);
        });
    }

    private void ensure(int more) {
        if (bytes.length - length < more) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + more));
        }
    }

    byte[] toBytes() {
        return Arrays.copyOf(bytes, length);
    }
}
