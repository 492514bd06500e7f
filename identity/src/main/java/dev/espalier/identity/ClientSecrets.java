package dev.espalier.identity;

import com.ongres.scram.common.ScramFunctions;
import com.ongres.scram.common.ScramMechanism;
import com.ongres.scram.common.StringPreparation;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Makes client secrets, and checks them against what was kept.
 *
 * <p>Kept is a SCRAM-SHA-256 verifier as PostgreSQL keeps it, {@code SCRAM-SHA-256$4096:SALT$STORED_KEY:SERVER_KEY}: it serves
 * who sends the secret and who only proves that he knows it. The count of iterations is the standard's least: it makes
 * guessing slow, and a secret is 256 random bits, which no number of guesses finds. Installations from before this have salted
 * SHA-256, which stays good for secrets that are sent.
 */
public final class ClientSecrets {

    /** Begins every secret, so that scanners find one that has leaked. */
    public static final String PREFIX = "esp_";

    private static final int SECRET_BYTES = 32;
    private static final int SALT_BYTES = 16;
    private static final int ITERATIONS = 4096;
    private static final ScramMechanism SCRAM = ScramMechanism.SCRAM_SHA_256;
    private static final Pattern VERIFIER =
            Pattern.compile("SCRAM-SHA-256\\$(\\d{1,9}):([A-Za-z0-9+/=]+)\\$([A-Za-z0-9+/=]+):([A-Za-z0-9+/=]+)");
    /** What can be one: letters of ASCII, and not so many that hashing them costs something. */
    private static final Pattern PLAUSIBLE = Pattern.compile("[!-~]{1,200}");

    private static final Pattern DIGEST = Pattern.compile("sha256\\$([A-Za-z0-9_-]+)\\$([A-Za-z0-9_-]+)");

    private record Salting(String salt, int iterations) {}

    private final SecureRandom random;

    public ClientSecrets(SecureRandom random) {
        this.random = random;
    }

    /** A new secret: the prefix and 43 characters of base64url. */
    public String generate() {
        return PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes(SECRET_BYTES));
    }

    /**
     * What to keep of a secret.
     *
     * @param others what is kept of the same principal's other secrets: all get one salt, because in SCRAM the salt is told
     *     before anything shows which of the secrets the client has
     */
    public String keep(String secret, List<String> others) {
        String salt = verifiers(others).stream()
                .findFirst()
                .map(ClientSecrets::salting)
                .filter(salting -> salting.iterations() == ITERATIONS)
                .map(Salting::salt)
                .orElseGet(() -> Base64.getEncoder().encodeToString(bytes(SALT_BYTES)));
        byte[] salted = salted(secret, new Salting(salt, ITERATIONS));
        return "SCRAM-SHA-256$" + ITERATIONS + ":" + salt + "$"
                + encode(ScramFunctions.storedKey(SCRAM, ScramFunctions.clientKey(SCRAM, salted))) + ":"
                + encode(ScramFunctions.serverKey(SCRAM, salted));
    }

    /**
     * Whether a secret is one of those that were kept. Takes the same time whatever it differs in.
     *
     * @throws IllegalArgumentException if something was kept in none of the known forms
     */
    public boolean matches(String secret, List<String> kept) {
        if (!PLAUSIBLE.matcher(secret).matches()) {
            return false;
        }
        Map<Salting, byte[]> storedKeys = new HashMap<>();
        boolean found = false;
        for (String one : kept) {
            Matcher verifier = VERIFIER.matcher(one);
            Matcher digest = DIGEST.matcher(one);
            if (verifier.matches()) {
                byte[] storedKey = storedKeys.computeIfAbsent(salting(one), salting -> storedKey(secret, salting));
                found |= MessageDigest.isEqual(Base64.getDecoder().decode(verifier.group(3)), storedKey);
            } else if (digest.matches()) {
                Base64.Decoder base64 = Base64.getUrlDecoder();
                found |= MessageDigest.isEqual(
                        base64.decode(digest.group(2)), digest(base64.decode(digest.group(1)), secret));
            } else {
                throw new IllegalArgumentException("what is kept of a client secret is of none of the known forms");
            }
        }
        return found;
    }

    /** Those of what was kept that SCRAM works with and that have the salt of the newest, the newest first. */
    static List<String> verifiers(List<String> kept) {
        List<String> all =
                kept.stream().filter(one -> VERIFIER.matcher(one).matches()).toList();
        return all.stream()
                .filter(one -> salting(one).equals(salting(all.getFirst())))
                .toList();
    }

    private static Salting salting(String verifier) {
        Matcher parsed = VERIFIER.matcher(verifier);
        if (!parsed.matches()) {
            throw new IllegalArgumentException("not a SCRAM verifier");
        }
        return new Salting(parsed.group(2), Integer.parseInt(parsed.group(1)));
    }

    private static byte[] storedKey(String secret, Salting salting) {
        return ScramFunctions.storedKey(SCRAM, ScramFunctions.clientKey(SCRAM, salted(secret, salting)));
    }

    /** Without preparation, which changes nothing about letters of ASCII. */
    private static byte[] salted(String secret, Salting salting) {
        return ScramFunctions.saltedPassword(
                SCRAM,
                StringPreparation.NO_PREPARATION,
                secret.toCharArray(),
                Base64.getDecoder().decode(salting.salt()),
                salting.iterations());
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
        return Base64.getEncoder().encodeToString(bytes);
    }
}
