package dev.espalier.identity;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import java.text.ParseException;
import java.util.Optional;

/**
 * Signs what this installation states, as JSON Web Signatures (RFC 7515, ES256), which anyone can check with its public keys.
 * They never expire, and open nothing: no sign-in takes their kind.
 */
public final class SignedStatements {

    private final String keyId;
    private final JWSSigner signer;
    private final JWSVerifier verifier;

    public SignedStatements(SigningKeys keys) {
        this.keyId = keys.key().getKeyID();
        try {
            this.signer = new ECDSASigner(keys.key());
            this.verifier = new ECDSAVerifier(keys.key());
        } catch (JOSEException e) {
            throw new IllegalStateException("the signing key cannot be used: " + e.getMessage(), e);
        }
    }

    /**
     * Signs a statement; the answer is the compact form, with the statement in it.
     *
     * @param kind value of the header {@code typ}
     */
    public String sign(String kind, String json) {
        JWSObject statement = new JWSObject(
                new JWSHeader.Builder(SigningKeys.ALGORITHM)
                        .type(new JOSEObjectType(kind))
                        .keyID(keyId)
                        .build(),
                new Payload(json));
        try {
            statement.sign(signer);
        } catch (JOSEException e) {
            throw new IllegalStateException("a statement cannot be signed: " + e.getMessage(), e);
        }
        return statement.serialize();
    }

    /** The statement, if this installation has signed it as one of this kind; empty for anything else. */
    public Optional<String> verified(String kind, String signed) {
        try {
            JWSObject statement = JWSObject.parse(signed);
            boolean good = SigningKeys.ALGORITHM.equals(statement.getHeader().getAlgorithm())
                    && new JOSEObjectType(kind).equals(statement.getHeader().getType())
                    && statement.verify(verifier);
            return good ? Optional.of(statement.getPayload().toString()) : Optional.empty();
        } catch (ParseException | JOSEException e) {
            return Optional.empty();
        }
    }
}
