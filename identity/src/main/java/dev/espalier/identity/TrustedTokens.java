package dev.espalier.identity;

import com.nimbusds.jwt.SignedJWT;
import dev.espalier.identity.Verdict.Accepted;
import dev.espalier.identity.Verdict.Reason;
import dev.espalier.identity.Verdict.Refused;
import java.text.ParseException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Says whom an access token stands for, whoever of the trusted issuers has issued it: this server, or another. */
public final class TrustedTokens {

    private final AccessTokens own;
    private final Map<String, List<IssuedElsewhere>> others = new LinkedHashMap<>();

    /** @param issuers besides this server itself; one may be there several times, and a token needs to suit one of its entries */
    public TrustedTokens(AccessTokens own, List<OidcIssuer> issuers, PrincipalStore principals, Clock clock) {
        this(own, issuers, principals, IssuerKeys.PAUSE, clock);
    }

    TrustedTokens(AccessTokens own, List<OidcIssuer> issuers, PrincipalStore principals, Duration pause, Clock clock) {
        this.own = own;
        for (OidcIssuer issuer : issuers) {
            others.computeIfAbsent(issuer.url(), _ -> new ArrayList<>())
                    .add(new IssuedElsewhere(issuer, principals, pause, clock));
        }
    }

    /** Whom a token stands for. May ask an issuer for its keys, and blocks then for some seconds at most. */
    public Verdict<Principal> verify(String text) {
        Optional<SignedJWT> token = parse(text);
        Optional<String> issuer = token.flatMap(TrustedTokens::issuer);
        if (issuer.isEmpty() || issuer.get().equals(own.issuer())) {
            return own.verify(text);
        }
        List<IssuedElsewhere> entries = others.get(issuer.get());
        return entries == null
                ? new Refused<>(
                        Reason.WRONG_ISSUER,
                        "the token was issued by " + issuer.get() + ", and only those of " + own.issuer()
                                + others.keySet().stream().map(", "::concat).reduce("", String::concat)
                                + " are accepted. The setting identity.issuers says which.")
                : byAny(entries, token.orElseThrow());
    }

    /** One issuer may be trusted in several ways, as for people and for programs. What is not meant for a way says less. */
    private static Verdict<Principal> byAny(List<IssuedElsewhere> entries, SignedJWT token) {
        Optional<Verdict<Principal>> refusal = Optional.empty();
        for (IssuedElsewhere entry : entries) {
            Verdict<Principal> verdict = entry.verify(token);
            switch (verdict) {
                case Accepted<Principal> _ -> {
                    return verdict;
                }
                case Refused<Principal> refused -> {
                    if (refusal.isEmpty() || refused.reason() != Reason.WRONG_AUDIENCE) {
                        refusal = Optional.of(refused);
                    }
                }
            }
        }
        return refusal.orElseThrow();
    }

    private static Optional<SignedJWT> parse(String text) {
        try {
            return Optional.of(SignedJWT.parse(text));
        } catch (ParseException e) {
            return Optional.empty();
        }
    }

    private static Optional<String> issuer(SignedJWT token) {
        try {
            return Optional.ofNullable(token.getJWTClaimsSet().getIssuer());
        } catch (ParseException e) {
            return Optional.empty();
        }
    }
}
