package dev.espalier.journal;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/** Reads what {@link EventWriter} has written. */
final class EventReader {

    private final byte[] bytes;
    private int position;

    EventReader(byte[] bytes) {
        this.bytes = bytes;
    }

    boolean bool() {
        return number() != 0;
    }

    long number() {
        long value = 0;
        int shift = 0;
        while (true) {
            byte b = bytes[position++];
            value |= (b & 0x7FL) << shift;
            if (b >= 0) {
                return value;
            }
            shift += 7;
        }
    }

    Instant time() {
        return Micros.instant(number());
    }

    String text() {
        int length = (int) number();
        String value = new String(bytes, position, length, StandardCharsets.UTF_8);
        position += length;
        return value;
    }

    Map<String, String> texts() {
        int size = (int) number();
        Map<String, String> values = HashMap.newHashMap(size);
        for (int i = 0; i < size; i++) {
            String key = text();
            values.put(key, text());
        }
        return values;
    }
}
