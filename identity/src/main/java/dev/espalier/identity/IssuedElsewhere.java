package dev.espalier.identity;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.KeySourceException;
import com.nimbusds.jose.crypto.factories.DefaultJWSVerifierFactory;
import com.nimbusds.jose.jwk.source.RateLimitReachedException;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.espalier.identity.Verdict.Reason;
import dev.espalier.identity.Verdict.Refused;
import java.security.Key;
import java.text.ParseException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Date;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Checks the tokens of one trusted issuer. May ask the issuer for its keys, and then blocks for some seconds at most. */
final class IssuedElsewhere {

    /** Kinds of token that stand for somebody; an ID token has none or the first. */
    private static final Set<String> KINDS = Set.of("jwt", "at+jwt", "application/at+jwt");

    private final OidcIssuer issuer;
    private final PrincipalStore principals;
    private final Clock clock;
    private final Set<JWSAlgorithm> algorithms;
    private final IssuerKeys source;
    private final JWSVerificationKeySelector<SecurityContext> keys;
    private final DefaultJWSVerifierFactory verifiers = new DefaultJWSVerifierFactory();

    /** @param pause how often an unknown key is reason to ask the issuer again */
    IssuedElsewhere(OidcIssuer issuer, PrincipalStore principals, Duration pause, Clock clock) {
        this.issuer = issuer;
        this.principals = principals;
        this.clock = clock;
        this.algorithms = issuer.algorithms().stream().map(JWSAlgorithm::parse).collect(Collectors.toUnmodifiableSet());
        this.source = new IssuerKeys(issuer.url());
        this.keys = new JWSVerificationKeySelector<>(algorithms, source.cached(pause));
    }

    Verdict<Principal> verify(SignedJWT token) {
        try {
            return signature(token.getHeader(), token).or(() -> claims(token)).orElseGet(() -> principal(token));
        } catch (RateLimitReachedException e) {
            return source.failure().map(this::unreachable).orElseGet(() -> unknownKey(token.getHeader()));
        } catch (KeySourceException e) {
            return unreachable(String.valueOf(e.getMessage()));
        }
    }

    private Verdict<Principal> unreachable(String why) {
        return new Refused<>(
                Reason.ISSUER_UNREACHABLE,
                "the keys of " + issuer.url() + " cannot be fetched, so that its tokens cannot be checked (" + why
                        + "). Try again when it answers.");
    }

    private Verdict<Principal> unknownKey(JWSHeader header) {
        return new Refused<>(
                Reason.BAD_SIGNATURE,
                "the token's key " + header.getKeyID() + " is none of those that " + issuer.url()
                        + " has. Ask it for a new token.");
    }

    private Optional<Verdict<Principal>> signature(JWSHeader header, SignedJWT token) throws KeySourceException {
        JOSEObjectType kind = header.getType();
        if (kind != null && !KINDS.contains(kind.getType().toLowerCase(Locale.ROOT))) {
            return refused(Reason.MALFORMED, "the token is of the kind " + kind + ", which signs nobody in.");
        }
        if (!algorithms.contains(header.getAlgorithm())) {
            return refused(
                    Reason.BAD_SIGNATURE,
                    "the token is signed by " + header.getAlgorithm() + ", and of " + issuer.url() + " only "
                            + algorithms.stream()
                                    .map(JWSAlgorithm::getName)
                                    .sorted()
                                    .collect(Collectors.joining(", "))
                            + " is accepted (identity.issuers).");
        }
        List<? extends Key> candidates = keys.selectJWSKeys(header, null);
        if (candidates.isEmpty()) {
            return Optional.of(unknownKey(header));
        }
        return candidates.stream().anyMatch(key -> signs(key, token))
                ? Optional.empty()
                : refused(
                        Reason.BAD_SIGNATURE,
                        "the token was not signed by " + issuer.url() + ", or was changed since.");
    }

    private boolean signs(Key key, SignedJWT token) {
        try {
            return token.verify(verifiers.createJWSVerifier(token.getHeader(), key));
        } catch (JOSEException e) {
            // The library's word for a signature that is not even of the right form.
            return false;
        }
    }

    private Optional<Verdict<Principal>> claims(SignedJWT token) {
        JWTClaimsSet claims;
        Optional<String> client;
        try {
            claims = token.getJWTClaimsSet();
            client = Optional.ofNullable(claims.getStringClaim("azp"))
                    .or(() -> Optional.ofNullable(claims.getClaim("client_id")).map(String::valueOf));
        } catch (ParseException e) {
            return refused(Reason.MALFORMED, "the token's claims cannot be read: " + e.getMessage());
        }
        if (!claims.getAudience().contains(issuer.audience())) {
            return refused(
                    Reason.WRONG_AUDIENCE,
                    "the token was issued for " + String.join(", ", claims.getAudience()) + ", not for "
                            + issuer.audience() + ". Ask " + issuer.url() + " for one that is.");
        }
        if (issuer.client().isPresent() && !issuer.client().equals(client)) {
            return refused(
                    Reason.WRONG_AUDIENCE,
                    "the token was issued to the application " + client.orElse("(none)") + ", not to "
                            + issuer.client().get() + ".");
        }
        return times(claims);
    }

    private Optional<Verdict<Principal>> times(JWTClaimsSet claims) {
        Instant now = clock.instant();
        Date expires = claims.getExpirationTime();
        if (expires == null) {
            return refused(Reason.MALFORMED, "the token never expires, and such are not accepted: it lacks exp.");
        }
        if (!now.isBefore(expires.toInstant().plus(SignedTokens.CLOCK_SKEW))) {
            return refused(Reason.EXPIRED, "the token expired at " + expires.toInstant() + ". Ask for a new one.");
        }
        for (Date from : new Date[] {claims.getNotBeforeTime(), claims.getIssueTime()}) {
            if (from != null && from.toInstant().isAfter(now.plus(SignedTokens.CLOCK_SKEW))) {
                return refused(
                        Reason.NOT_YET_VALID,
                        "the token is good from " + from.toInstant() + " on, and it is only "
                                + now.truncatedTo(ChronoUnit.SECONDS)
                                + " here. Set the clock, or ask for a new token.");
            }
        }
        return Optional.empty();
    }

    /**
     * Whom the token names: a user by the claim; or, where the token has no such claim, as those of programs, or the claim is
     * {@code sub} itself, whoever has the subject as external id.
     */
    private Verdict<Principal> principal(SignedJWT token) {
        JWTClaimsSet claims;
        Optional<String> name;
        try {
            claims = token.getJWTClaimsSet();
            name = Optional.ofNullable(claims.getStringClaim(issuer.claim()));
            if (issuer.claim().equals("email") && "false".equals(String.valueOf(claims.getClaim("email_verified")))) {
                return new Refused<>(
                        Reason.UNKNOWN_PRINCIPAL,
                        issuer.url() + " has not verified the address " + name.orElse("")
                                + ", so that it proves nothing. Verify it there.");
            }
        } catch (ParseException e) {
            return new Refused<>(Reason.MALFORMED, "the token's claims cannot be read: " + e.getMessage());
        }
        Optional<Principal> found = name.flatMap(principals::user);
        Optional<String> subject = Optional.ofNullable(claims.getSubject());
        if (found.isEmpty() && (name.isEmpty() || issuer.claim().equals("sub"))) {
            found = subject.flatMap(principals::external);
        }
        String shown = name.map(text -> "\"" + text + "\", whom the claim " + issuer.claim() + " names,")
                .orElseGet(() -> "with the external id \"" + subject.orElse("") + "\", the token's subject,");
        return Admission.of(found, shown);
    }

    private static Optional<Verdict<Principal>> refused(Reason reason, String message) {
        return Optional.of(new Refused<>(reason, message));
    }
}
