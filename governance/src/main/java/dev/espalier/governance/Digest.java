package dev.espalier.governance;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256 over texts, each of which is told apart from the next. */
final class Digest {

    private final MessageDigest sha;

    Digest() {
        try {
            sha = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    Digest add(Object... parts) {
        for (Object part : parts) {
            sha.update(part.toString().getBytes(StandardCharsets.UTF_8));
            sha.update((byte) 0);
        }
        return this;
    }

    String hex() {
        return HexFormat.of().formatHex(sha.digest());
    }
}
