package dev.espalier.gateway;

import java.security.MessageDigest;

/** Bytes that prove a right. Compared in a time that does not tell how far they agree; never printed. */
final class Secret {

    private final byte[] bytes;

    Secret(byte[] bytes) {
        this.bytes = bytes.clone();
    }

    byte[] bytes() {
        return bytes.clone();
    }

    boolean matches(Secret other) {
        return MessageDigest.isEqual(bytes, other.bytes);
    }
}
