package dev.espalier.governance;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.SequencedCollection;
import java.util.SequencedMap;

/**
 * SHA-256 over values. Each text is told apart from the next by its length, and each list from what stands beside it by how much it
 * holds; an optional value is a list of one or none.
 */
final class Digest {

    /** A value that is fed part by part; what it prints as could be another's. */
    interface Parts {
        List<Object> parts();
    }

    private static final byte TEXT = 't';
    private static final byte LIST = 'l';
    private static final byte MAP = 'm';

    private final MessageDigest sha;

    Digest() {
        try {
            sha = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /** @param parts texts, numbers, booleans, enums, {@link Parts}, and optional ones, lists and maps in their order of these */
    Digest add(Object... parts) {
        for (Object part : parts) {
            put(part);
        }
        return this;
    }

    private void put(Object part) {
        switch (part) {
            case String text -> putText(text);
            case Number number -> putText(number.toString());
            case Boolean flag -> putText(flag.toString());
            case Enum<?> constant -> putText(constant.name());
            case Parts whole -> putList(whole.parts());
            case SequencedCollection<?> list -> putList(list);
            case SequencedMap<?, ?> map -> {
                begin(MAP, map.size());
                putList(map.sequencedKeySet());
                putList(map.sequencedValues());
            }
            case Optional<?> value -> putList(value.stream().toList());
            default ->
                throw new IllegalArgumentException(part.getClass()
                        + " has no parts in an order of their own, and is not to be told by what it prints");
        }
    }

    private void putText(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        begin(TEXT, bytes.length);
        sha.update(bytes);
    }

    private void putList(Collection<?> list) {
        begin(LIST, list.size());
        list.forEach(this::put);
    }

    private void begin(byte kind, int length) {
        sha.update(kind);
        sha.update(ByteBuffer.allocate(Integer.BYTES).putInt(0, length));
    }

    String hex() {
        return HexFormat.of().formatHex(sha.digest());
    }
}
