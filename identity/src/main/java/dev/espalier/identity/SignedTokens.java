package dev.espalier.identity;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.espalier.identity.Verdict.Accepted;
import dev.espalier.identity.Verdict.Reason;
import dev.espalier.identity.Verdict.Refused;
import java.text.ParseException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collections;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;

/**
 * Signs and checks the JSON Web Tokens of one kind (RFC 7519, ES256).
 *
 * <p>Expiry is exact: a token is good before its {@code exp} and never after. A token issued in the future is accepted up to
 * {@link #CLOCK_SKEW} ahead, because the clock may have been set back since, or belong to another machine.
 */
final class SignedTokens {

    /** How far the clocks of issuer and checker may differ. */
    static final Duration CLOCK_SKEW = Duration.ofSeconds(60);

    /**
     * Tokens whose signature has been checked: a caller shows the same one with each call, and the signature is the dear part
     * of it.
     */
    private static final class Recent extends LinkedHashMap<String, JWTClaimsSet> {

        private static final int MOST = 1000;

        Recent() {
            super(16, 0.75f, true);
        }

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, JWTClaimsSet> eldest) {
            return size() > MOST;
        }
    }

    private final JOSEObjectType kind;
    private final String keyId;
    private final JWSSigner signer;
    private final JWSVerifier verifier;
    private final String issuer;
    private final Clock clock;
    private final Map<String, JWTClaimsSet> signed = Collections.synchronizedMap(new Recent());

    /** @param kind value of the header {@code typ}: a token of another kind is not accepted, whatever else it says */
    SignedTokens(String kind, SigningKeys keys, String issuer, Clock clock) {
        this.kind = new JOSEObjectType(kind);
        this.keyId = keys.key().getKeyID();
        this.issuer = issuer;
        this.clock = clock;
        try {
            this.signer = new ECDSASigner(keys.key());
            this.verifier = new ECDSAVerifier(keys.key());
        } catch (JOSEException e) {
            throw new IllegalStateException("the signing key cannot be used: " + e.getMessage(), e);
        }
    }

    /** @param claims more than issuer, audience, subject, times and id, which are set here */
    IssuedToken issue(String subject, String audience, Duration lifetime, JWTClaimsSet claims) {
        Instant now = clock.instant().truncatedTo(ChronoUnit.SECONDS);
        Instant expires = now.plus(lifetime).truncatedTo(ChronoUnit.SECONDS);
        SignedJWT token = new SignedJWT(
                new JWSHeader.Builder(SigningKeys.ALGORITHM)
                        .type(kind)
                        .keyID(keyId)
                        .build(),
                new JWTClaimsSet.Builder(claims)
                        .issuer(issuer)
                        .audience(audience)
                        .subject(subject)
                        .issueTime(Date.from(now))
                        .expirationTime(Date.from(expires))
                        .jwtID(UUID.randomUUID().toString())
                        .build());
        try {
            token.sign(signer);
        } catch (JOSEException e) {
            throw new IllegalStateException("a token cannot be signed: " + e.getMessage(), e);
        }
        return new IssuedToken(token.serialize(), expires);
    }

    /** Checks everything that can be checked without asking who the subject is. */
    Verdict<JWTClaimsSet> verify(String text, String audience) {
        JWTClaimsSet known = signed.get(text);
        if (known != null) {
            return check(known, audience);
        }
        JWTClaimsSet claims;
        try {
            SignedJWT token = SignedJWT.parse(text);
            if (!kind.equals(token.getHeader().getType())) {
                return new Refused<>(
                        Reason.MALFORMED, "the token is not of the kind " + kind + " that is wanted here.");
            }
            if (!isSignedByUs(token)) {
                return new Refused<>(
                        Reason.BAD_SIGNATURE,
                        "the token was not signed by this server, or was changed. Ask this server for a new one.");
            }
            claims = token.getJWTClaimsSet();
        } catch (ParseException e) {
            return new Refused<>(
                    Reason.MALFORMED,
                    "the token is not a signed JSON Web Token. Send one that this server has issued.");
        }
        signed.put(text, claims);
        return check(claims, audience);
    }

    private boolean isSignedByUs(SignedJWT token) {
        JWSHeader header = token.getHeader();
        try {
            return SigningKeys.ALGORITHM.equals(header.getAlgorithm())
                    && keyId.equals(header.getKeyID())
                    && token.verify(verifier);
        } catch (JOSEException e) {
            // The library's word for a signature that is not even of the right form.
            return false;
        }
    }

    private Verdict<JWTClaimsSet> check(JWTClaimsSet claims, String audience) {
        if (!issuer.equals(claims.getIssuer())) {
            return new Refused<>(
                    Reason.WRONG_ISSUER, "the token was issued by " + claims.getIssuer() + ", not by " + issuer + ".");
        }
        if (!claims.getAudience().contains(audience)) {
            return new Refused<>(
                    Reason.WRONG_AUDIENCE,
                    "the token was issued for " + String.join(", ", claims.getAudience()) + ", not for " + audience
                            + ". Ask for one that is.");
        }
        Instant now = clock.instant();
        Date expires = claims.getExpirationTime();
        Date issued = claims.getIssueTime();
        if (claims.getSubject() == null || expires == null || issued == null) {
            return new Refused<>(Reason.MALFORMED, "the token lacks one of sub, exp and iat.");
        }
        if (!now.isBefore(expires.toInstant())) {
            return new Refused<>(
                    Reason.EXPIRED, "the token expired at " + expires.toInstant() + ". Ask for a new one.");
        }
        if (issued.toInstant().isAfter(now.plus(CLOCK_SKEW))) {
            return new Refused<>(
                    Reason.NOT_YET_VALID,
                    "the token was issued at " + issued.toInstant() + ", and it is only "
                            + now.truncatedTo(ChronoUnit.SECONDS) + " here. Set the clock, or ask for a new token.");
        }
        return new Accepted<>(claims);
    }
}
