package dev.espalier.journal;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The hash that chains audit rows: SHA-256 over the previous row's hash, the row's number in the chain (8 bytes, highest
 * first), and each column's text in the order of {@link AuditTable#COLUMNS}: its length in bytes of UTF-8 (4 bytes, highest
 * first) and the bytes; for NULL only a length of -1.
 */
record ChainHash(String hex) {

    /** Before the first row. */
    static final ChainHash BEGINNING = new ChainHash("0".repeat(64));

    ChainHash next(long chainSequence, List<@Nullable String> values) {
        MessageDigest digest = sha256();
        digest.update(bytes());
        digest.update(ByteBuffer.allocate(Long.BYTES).putLong(0, chainSequence));
        for (String value : values) {
            byte[] text = value == null ? new byte[0] : value.getBytes(StandardCharsets.UTF_8);
            digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(0, value == null ? -1 : text.length));
            digest.update(text);
        }
        return of(digest.digest());
    }

    static ChainHash of(byte[] bytes) {
        return new ChainHash(HexFormat.of().formatHex(bytes));
    }

    /** 32 bytes. */
    byte[] bytes() {
        return HexFormat.of().parseHex(hex);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
