package dev.espalier.identity;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.ParseException;
import java.util.Map;

/**
 * The key that tokens are signed with: P-256, kept as a JSON Web Key in a file with mode 0600. Whoever has the file can make
 * tokens for anyone; removing it ends all tokens at the next start.
 */
public final class SigningKeys {

    static final JWSAlgorithm ALGORITHM = JWSAlgorithm.ES256;

    private final ECKey key;

    private SigningKeys(ECKey key) {
        this.key = key;
    }

    /**
     * Reads the key from a file, or makes the key and the file at the first start.
     *
     * @throws IllegalStateException if the file is not a private P-256 key or can be read by others
     */
    public static SigningKeys inFile(Path file) {
        if (Files.exists(file)) {
            return new SigningKeys(read(file));
        }
        ECKey key = generate();
        PrivateFiles.write(file, key.toJSONString());
        return new SigningKeys(key);
    }

    private static ECKey read(Path file) {
        try {
            ECKey key = ECKey.parse(PrivateFiles.read(file));
            if (key.isPrivate() && key.getCurve().equals(Curve.P_256) && key.getKeyID() != null) {
                return key;
            }
        } catch (ParseException e) {
            throw new IllegalStateException(unusable(file), e);
        }
        throw new IllegalStateException(unusable(file));
    }

    private static String unusable(Path file) {
        return file
                + " does not hold a private P-256 JSON Web Key with a key id. Restore it, or remove it: a new one is made at "
                + "the next start, and everyone has to sign in again.";
    }

    private static ECKey generate() {
        try {
            return new ECKeyGenerator(Curve.P_256)
                    .algorithm(ALGORITHM)
                    .keyUse(KeyUse.SIGNATURE)
                    .keyIDFromThumbprint(true)
                    .generate();
        } catch (JOSEException e) {
            throw new IllegalStateException("cannot make a P-256 key: " + e.getMessage(), e);
        }
    }

    /** The key with its private part. */
    ECKey key() {
        return key;
    }

    /** The public part as a JSON Web Key Set (RFC 7517), for whoever wants to check a token. */
    public Map<String, Object> jwks() {
        return new JWKSet(key).toJSONObject(true);
    }
}
