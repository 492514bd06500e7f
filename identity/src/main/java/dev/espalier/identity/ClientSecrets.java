package dev.espalier.identity;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;

/**
 * Makes client secrets, and checks them against what was kept.
 *
 * <p>Kept is a salted SHA-256. A slow hash, which a password needs because people choose passwords that can be guessed, would
 * cost time at each sign-in and add nothing here: a secret is 256 random bits, which no number of guesses finds.
 */
public final class ClientSecrets {

    /** Begins every secret, so that scanners find one that has leaked. */
    public static final String PREFIX = "esp_";

    private static final int SECRET_BYTES = 32;
    private static final int SALT_BYTES = 16;
    private static final String SCHEME = "sha256";

    private final SecureRandom random;

    public ClientSecrets(SecureRandom random) {
        this.random = random;
    }

    /** A new secret: the prefix and 43 characters of base64url. */
    public String generate() {
        return PREFIX + encode(bytes(SECRET_BYTES));
    }

    /** What to keep of a secret: {@code sha256$SALT$DIGEST}. */
    public String hash(String secret) {
        byte[] salt = bytes(SALT_BYTES);
        return SCHEME + "$" + encode(salt) + "$" + encode(digest(salt, secret));
    }

    /**
     * Whether a secret is the one that was kept. Takes the same time whatever it differs in.
     *
     * @throws IllegalArgumentException if {@code hash} was not made by {@link #hash}
     */
    public boolean matches(String secret, String hash) {
        String[] parts = hash.split("\\$", -1);
        if (parts.length != 3 || !parts[0].equals(SCHEME)) {
            throw new IllegalArgumentException(
                    "the kept hash of a client secret is not of the form sha256$SALT$DIGEST");
        }
        return MessageDigest.isEqual(decode(parts[2]), digest(decode(parts[1]), secret));
    }

    private byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        random.nextBytes(bytes);
        return bytes;
    }

    private static byte[] digest(byte[] salt, String secret) {
        try {
            MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
            sha256.update(salt);
            return sha256.digest(secret.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    private static String encode(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private static byte[] decode(String text) {
        return Base64.getUrlDecoder().decode(text);
    }
}
