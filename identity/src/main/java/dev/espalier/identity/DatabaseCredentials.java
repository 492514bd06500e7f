package dev.espalier.identity;

import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.espalier.identity.Verdict.Accepted;
import dev.espalier.identity.Verdict.Reason;
import dev.espalier.identity.Verdict.Refused;
import java.text.ParseException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Issues and checks the tokens that stand for a password at one endpoint. */
public final class DatabaseCredentials {

    public static final Duration SHORTEST = Duration.ofMinutes(5);
    public static final Duration LONGEST = Duration.ofHours(1);

    private static final String KIND = "db+jwt";
    private static final String CLAIMS = "claims";
    private static final String ACT = "act";

    /**
     * What a credential is limited to.
     *
     * @param permissionSet what it allows, for instance {@code READ_ONLY}
     * @param tables full names of the tables it is for
     */
    public record Claim(String permissionSet, List<String> tables) {

        public Claim {
            tables = List.copyOf(tables);
        }
    }

    /**
     * What a good credential says.
     *
     * @param principal whom it stands for
     * @param claims limits; empty for none
     * @param acting what acts in his name
     */
    public record Grant(Principal principal, List<Claim> claims, Acting acting) {}

    private final SignedTokens tokens;
    private final PrincipalStore principals;

    public DatabaseCredentials(SigningKeys keys, String issuer, PrincipalStore principals, Clock clock) {
        this.tokens = new SignedTokens(KIND, keys, issuer, clock);
        this.principals = principals;
    }

    /**
     * @param endpointUid the endpoint it is good at; no other accepts it
     * @param lifetime {@link #SHORTEST} to {@link #LONGEST}
     * @param acting what will use it in the principal's name
     * @throws IllegalArgumentException if the lifetime is not within these
     */
    public IssuedToken issue(
            Principal principal, String endpointUid, Duration lifetime, List<Claim> claims, Acting acting) {
        if (lifetime.compareTo(SHORTEST) < 0 || lifetime.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("a database credential cannot live for " + lifetime.toSeconds()
                    + " s. Choose " + SHORTEST.toSeconds() + " to " + LONGEST.toSeconds() + " s.");
        }
        JWTClaimsSet limits = new JWTClaimsSet.Builder()
                .claim(CLAIMS, claims.stream().map(DatabaseCredentials::written).toList())
                .claim(ACT, acting.claim())
                .build();
        return tokens.issue(principal.id(), endpointUid, lifetime, limits);
    }

    /** What a token shown at an endpoint stands for. */
    public Verdict<Grant> verify(String token, String endpointUid) {
        return switch (tokens.verify(token, endpointUid)) {
            case Accepted<JWTClaimsSet>(JWTClaimsSet claims) -> grant(claims);
            case Refused<JWTClaimsSet>(Reason reason, String message) -> new Refused<>(reason, message);
        };
    }

    /** The endpoint that a token says it is for; empty if it is no credential. Nothing of it has been checked. */
    public static Optional<String> endpointOf(String token) {
        try {
            SignedJWT credential = SignedJWT.parse(token);
            JOSEObjectType kind = credential.getHeader().getType();
            return kind != null && KIND.equals(kind.getType())
                    ? credential.getJWTClaimsSet().getAudience().stream().findFirst()
                    : Optional.empty();
        } catch (ParseException e) {
            return Optional.empty();
        }
    }

    private Verdict<Grant> grant(JWTClaimsSet claims) {
        List<Claim> limits;
        Acting acting;
        try {
            limits = read(claims);
            Map<String, Object> actor = claims.getJSONObjectClaim(ACT);
            acting = actor == null ? Acting.NOBODY : Acting.of(actor);
        } catch (ParseException e) {
            return new Refused<>(Reason.MALFORMED, "the token's claims cannot be read: " + e.getMessage());
        }
        return switch (Admission.of(principals.find(claims.getSubject()), claims.getSubject())) {
            case Accepted<Principal>(Principal principal) -> new Accepted<>(new Grant(principal, limits, acting));
            case Refused<Principal>(Reason reason, String message) -> new Refused<>(reason, message);
        };
    }

    private static Map<String, Object> written(Claim claim) {
        return Map.of("permission_set", claim.permissionSet(), "tables", claim.tables());
    }

    private static List<Claim> read(JWTClaimsSet claims) throws ParseException {
        List<Claim> limits = new ArrayList<>();
        for (Object item : claims.getListClaim(CLAIMS)) {
            if (!(item instanceof Map<?, ?> claim)
                    || !(claim.get("permission_set") instanceof String permissionSet)
                    || !(claim.get("tables") instanceof List<?> tables)) {
                throw new ParseException("not a permission set with tables: " + item, 0);
            }
            limits.add(new Claim(
                    permissionSet, tables.stream().map(String::valueOf).toList()));
        }
        return limits;
    }
}
