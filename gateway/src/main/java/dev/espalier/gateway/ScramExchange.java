package dev.espalier.gateway;

import com.ongres.scram.common.ScramFunctions;
import com.ongres.scram.common.ScramMechanism;
import com.ongres.scram.common.ServerFinalMessage;
import com.ongres.scram.common.ServerFirstMessage;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The server's side of one SCRAM-SHA-256 exchange (RFC 5802, RFC 7677), without channel binding. The cryptography and the
 * messages are the library's, which has only the client's side of the exchange.
 */
final class ScramExchange {

    /** The mechanism's name in SASL. */
    static final String MECHANISM = "SCRAM-SHA-256";

    private static final ScramMechanism SHA_256 = ScramMechanism.SCRAM_SHA_256;
    private static final Pattern SECRET =
            Pattern.compile("SCRAM-SHA-256\\$(\\d{1,9}):([A-Za-z0-9+/=]+)\\$([A-Za-z0-9+/=]+):([A-Za-z0-9+/=]+)");
    /** The library's parser does not take libpq's, which names no user: {@code n=}. */
    private static final Pattern CLIENT_FIRST = Pattern.compile("([ny],(?:a=[^,]*)?,)(n=[^,]*,r=([!-+\\--~]+))");

    private static final Pattern CLIENT_FINAL =
            Pattern.compile("(c=([A-Za-z0-9+/=]+),r=([^,]+)(?:,[^p][^,]*)*),p=([A-Za-z0-9+/=]+)");
    private static final int NONCE_BYTES = 18;

    private final String salt;
    private final int iterations;
    private final byte[] storedKey;
    private final byte[] serverKey;
    private final SecureRandom random;

    /** The client's first message up to its second comma: what it says of channel binding. */
    private String header = "";

    /** The rest of that message. */
    private String bare = "";

    private @Nullable ServerFirstMessage serverFirst;

    /** @throws Refusal if the secret is not of PostgreSQL's form */
    ScramExchange(ScramVerifier verifier, SecureRandom random) throws Refusal {
        Matcher secret = SECRET.matcher(verifier.secret());
        if (!secret.matches()) {
            throw new Refusal(
                    "XX000",
                    "the SCRAM secret of " + verifier.principal().name() + " cannot be read",
                    "Set the password again.");
        }
        this.iterations = Integer.parseInt(secret.group(1));
        this.salt = secret.group(2);
        this.storedKey = Base64.getDecoder().decode(secret.group(3));
        this.serverKey = Base64.getDecoder().decode(secret.group(4));
        this.random = random;
    }

    /** Answers the client's first message. The user it names is passed over: the startup packet has named one. */
    String first(String message) throws Refusal {
        Matcher parsed = CLIENT_FIRST.matcher(message);
        if (!parsed.matches()) {
            throw violation("its first message cannot be read, or asks for channel binding, which was not offered");
        }
        header = parsed.group(1);
        bare = parsed.group(2);
        serverFirst =
                new ServerFirstMessage(parsed.group(3), ScramFunctions.nonce(NONCE_BYTES, random), salt, iterations);
        return serverFirst.toString();
    }

    /**
     * Answers the client's final message, which proves that it knows the password.
     *
     * @throws Refusal if it does not
     */
    String last(String message) throws Refusal {
        Matcher parsed = CLIENT_FINAL.matcher(message);
        if (serverFirst == null || !parsed.matches()) {
            throw violation("its final message cannot be read");
        }
        String binding = Base64.getEncoder().encodeToString(header.getBytes(StandardCharsets.UTF_8));
        if (!parsed.group(2).equals(binding) || !parsed.group(3).equals(serverFirst.getNonce())) {
            throw violation("its final message belongs to another exchange");
        }
        String authMessage = bare + "," + serverFirst + "," + parsed.group(1);
        byte[] proof = proof(parsed.group(4));
        if (!ScramFunctions.verifyClientProof(SHA_256, proof, storedKey, authMessage)) {
            throw new Refusal(
                    "28P01",
                    "the password is wrong",
                    "Check it, or sign in with a token: leave espalier.auth out of the options.");
        }
        return new ServerFinalMessage(ScramFunctions.serverSignature(SHA_256, serverKey, authMessage)).toString();
    }

    private byte[] proof(String encoded) throws Refusal {
        try {
            byte[] proof = Base64.getDecoder().decode(encoded);
            if (proof.length == storedKey.length) {
                return proof;
            }
        } catch (IllegalArgumentException e) {
            throw violation("its proof is not Base64: " + e.getMessage());
        }
        throw violation("its proof is not as long as SHA-256 makes it");
    }

    private static Refusal violation(@Nullable String what) {
        return new Refusal("08P01", "the client's SCRAM exchange is refused: " + what, "Connect again.");
    }
}
