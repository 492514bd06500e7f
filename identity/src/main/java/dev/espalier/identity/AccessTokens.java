package dev.espalier.identity;

import com.nimbusds.jwt.JWTClaimsSet;
import dev.espalier.identity.Verdict.Accepted;
import dev.espalier.identity.Verdict.Reason;
import dev.espalier.identity.Verdict.Refused;
import java.time.Clock;
import java.time.Duration;

/** Issues and checks the tokens that a principal calls the API with (JWT profile of RFC 9068). */
public final class AccessTokens {

    /** How long a token is good. */
    public static final Duration LIFETIME = Duration.ofHours(1);

    /** The one scope there is. */
    public static final String SCOPE = "all-apis";

    private static final String KIND = "at+jwt";

    private final SignedTokens tokens;
    private final PrincipalStore principals;
    private final String issuer;

    /** @param issuer address that tokens name as their issuer; it is their audience, too */
    public AccessTokens(SigningKeys keys, String issuer, PrincipalStore principals, Clock clock) {
        this.tokens = new SignedTokens(KIND, keys, issuer, clock);
        this.principals = principals;
        this.issuer = issuer;
    }

    public String issuer() {
        return issuer;
    }

    public IssuedToken issue(Principal principal) {
        JWTClaimsSet claims = new JWTClaimsSet.Builder()
                .claim("client_id", principal.id())
                .claim("scope", SCOPE)
                .build();
        return tokens.issue(principal.id(), issuer, LIFETIME, claims);
    }

    /** Whom a token stands for. Asks the store each time, so that who was removed is out at once. */
    public Verdict<Principal> verify(String token) {
        return switch (tokens.verify(token, issuer)) {
            case Accepted<JWTClaimsSet>(JWTClaimsSet claims) ->
                Admission.of(principals.find(claims.getSubject()), claims.getSubject());
            case Refused<JWTClaimsSet>(Reason reason, String message) -> new Refused<>(reason, message);
        };
    }
}
