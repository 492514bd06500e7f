package dev.espalier.gateway;

import com.ongres.scram.common.ScramFunctions;
import com.ongres.scram.common.ScramMechanism;
import com.ongres.scram.common.ServerFinalMessage;
import com.ongres.scram.common.ServerFirstMessage;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The server's side of one SCRAM-SHA-256 exchange (RFC 5802, RFC 7677), bound to the TLS connection where there is one and the
 * client can. The cryptography and the messages are the library's, which has only the client's side of the exchange.
 */
final class ScramExchange {

    private static final ScramMechanism SHA_256 = ScramMechanism.SCRAM_SHA_256;
    private static final String PLAIN = SHA_256.getName();
    private static final String BOUND = ScramMechanism.SCRAM_SHA_256_PLUS.getName();
    private static final String BOUND_HEADER = "p=tls-server-end-point,";
    private static final Pattern SECRET =
            Pattern.compile("SCRAM-SHA-256\\$(\\d{1,9}):([A-Za-z0-9+/=]+)\\$([A-Za-z0-9+/=]+):([A-Za-z0-9+/=]+)");
    /** The library's parser does not take libpq's, which names no user: {@code n=}. */
    private static final Pattern CLIENT_FIRST =
            Pattern.compile("((?:[ny]|p=[A-Za-z0-9.-]+),(?:a=[^,]*)?,)(n=[^,]*,r=([!-+\\--~]+))");

    private static final Pattern CLIENT_FINAL =
            Pattern.compile("(c=([A-Za-z0-9+/=]+),r=([^,]+)(?:,[^p][^,]*)*),p=([A-Za-z0-9+/=]+)");
    private static final int NONCE_BYTES = 18;
    private static final int PROOF_BYTES = 32;

    /** In Base64, as they are kept. */
    private record Keys(String stored, String server) {

        static byte[] bytes(String key) {
            return Base64.getDecoder().decode(key);
        }
    }

    private final Optional<ChannelBinding> binding;
    private final SecureRandom random;
    private final List<Keys> keys = new ArrayList<>();
    private String salt = "";
    private int iterations;

    /** The client's first message up to its second comma: what it says of channel binding. */
    private String header = "";

    /** The rest of that message. */
    private String bare = "";

    private @Nullable ServerFirstMessage serverFirst;

    /**
     * @param binding of the connection; empty where it has none
     * @throws Refusal if a secret is not of PostgreSQL's form
     */
    ScramExchange(ScramVerifier verifier, Optional<ChannelBinding> binding, SecureRandom random) throws Refusal {
        this.binding = binding;
        this.random = random;
        for (String text : verifier.secrets()) {
            Matcher secret = SECRET.matcher(text);
            if (!secret.matches()) {
                throw new Refusal(
                        "XX000",
                        "the SCRAM secret of " + verifier.principal().name() + " cannot be read",
                        "Set the password again.");
            }
            iterations = Integer.parseInt(secret.group(1));
            salt = secret.group(2);
            keys.add(new Keys(secret.group(3), secret.group(4)));
        }
    }

    /** Names of the mechanisms in SASL that the client may choose from, the best first. */
    List<String> mechanisms() {
        return binding.isPresent() ? List.of(BOUND, PLAIN) : List.of(PLAIN);
    }

    /**
     * Answers the client's first message. The user it names is passed over: the startup packet has named one.
     *
     * @throws Refusal if the mechanism was not offered, or what the client says of channel binding does not go with it
     */
    String first(String mechanism, String message) throws Refusal {
        if (!mechanisms().contains(mechanism)) {
            throw violation("it chose a mechanism that was not offered");
        }
        Matcher parsed = CLIENT_FIRST.matcher(message);
        if (!parsed.matches()) {
            throw violation("its first message cannot be read");
        }
        header = parsed.group(1);
        bare = parsed.group(2);
        if (mechanism.equals(BOUND) != header.startsWith(BOUND_HEADER)
                || (!mechanism.equals(BOUND) && header.startsWith("p="))) {
            throw violation("its first message asks for another channel binding than the mechanism " + mechanism);
        }
        if (header.startsWith("y") && binding.isPresent()) {
            throw violation("it was told that channel binding is not offered here, and it is: somebody stands between");
        }
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
        if (!parsed.group(3).equals(serverFirst.getNonce())) {
            throw violation("its final message belongs to another exchange");
        }
        if (!parsed.group(2).equals(boundTo())) {
            throw violation("its final message belongs to another exchange, or to another TLS connection");
        }
        String authMessage = bare + "," + serverFirst + "," + parsed.group(1);
        byte[] proof = proof(parsed.group(4));
        for (Keys known : keys) {
            if (ScramFunctions.verifyClientProof(SHA_256, proof, Keys.bytes(known.stored()), authMessage)) {
                return new ServerFinalMessage(
                                ScramFunctions.serverSignature(SHA_256, Keys.bytes(known.server()), authMessage))
                        .toString();
            }
        }
        throw new Refusal(
                "28P01",
                "the password is wrong",
                "Check it, or sign in with a token: leave espalier.auth out of the options.");
    }

    /** The header and the hash of the certificate, if the client has seen one, in Base64. */
    private String boundTo() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes(header.getBytes(StandardCharsets.UTF_8));
        if (header.startsWith(BOUND_HEADER)) {
            bytes.writeBytes(binding.orElseThrow().hash());
        }
        return Base64.getEncoder().encodeToString(bytes.toByteArray());
    }

    private static byte[] proof(String encoded) throws Refusal {
        try {
            byte[] proof = Base64.getDecoder().decode(encoded);
            if (proof.length == PROOF_BYTES) {
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
