package dev.espalier.control.replay;

import java.nio.ByteBuffer;

/** A sum of hashes: the same for the same things in any order. */
public record Digest(long high, long low) {

    static final Digest NONE = new Digest(0, 0);

    /** @param hash of 16 bytes or more */
    Digest plus(byte[] hash) {
        ByteBuffer bytes = ByteBuffer.wrap(hash);
        return new Digest(high + bytes.getLong(), low + bytes.getLong());
    }
}
