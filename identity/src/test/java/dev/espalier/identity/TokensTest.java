package dev.espalier.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import dev.espalier.identity.Verdict.Accepted;
import dev.espalier.identity.Verdict.Reason;
import dev.espalier.identity.Verdict.Refused;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.text.ParseException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TokensTest {

    private static final String ISSUER = "http://127.0.0.1:8400/oidc";
    private static final Instant NOW = Instant.parse("2026-11-25T10:00:00.750Z");
    private static final Principal ANNA = ListedPrincipals.program("c-anna", "anna");
    private static final String ENDPOINT = "ep-calm-brook-00000001";

    @TempDir
    private Path home;

    private SigningKeys keys;

    @BeforeEach
    void makeKeys() {
        keys = SigningKeys.inFile(home.resolve("key"));
    }

    @Test
    void anAccessTokenStandsForItsPrincipalForAnHour() throws ParseException {
        IssuedToken issued = access(NOW).issue(ANNA);

        assertThat(issued.expires()).isEqualTo(Instant.parse("2026-11-25T11:00:00Z"));
        assertThat(access(NOW).verify(issued.token())).isEqualTo(new Accepted<>(ANNA));
        JWTClaimsSet claims = SignedJWT.parse(issued.token()).getJWTClaimsSet();
        assertThat(claims.getSubject()).isEqualTo("c-anna");
        assertThat(claims.getIssuer()).isEqualTo(ISSUER);
        assertThat(claims.getAudience()).containsExactly(ISSUER);
        assertThat(claims.getStringClaim("scope")).isEqualTo("all-apis");
        assertThat(claims.getJWTID()).isNotBlank();
    }

    @Test
    void expiryIsExact() {
        IssuedToken issued = access(NOW).issue(ANNA);

        assertThat(access(issued.expires().minusMillis(1)).verify(issued.token()))
                .isInstanceOf(Accepted.class);
        assertRefused(access(issued.expires()).verify(issued.token()), Reason.EXPIRED, "11:00:00Z");
    }

    @Test
    void aClockThatIsAMinuteBehindAcceptsAndOneThatIsMoreDoesNot() {
        IssuedToken issued = access(NOW).issue(ANNA);

        assertThat(access(Instant.parse("2026-11-25T09:59:00Z")).verify(issued.token()))
                .isInstanceOf(Accepted.class);
        assertRefused(
                access(Instant.parse("2026-11-25T09:58:59Z")).verify(issued.token()), Reason.NOT_YET_VALID, "clock");
    }

    @Test
    void refusesATokenOfAnotherKey() {
        SigningKeys others = SigningKeys.inFile(home.resolve("other"));
        String token = new AccessTokens(others, ISSUER, new ListedPrincipals(ANNA), at(NOW))
                .issue(ANNA)
                .token();

        assertRefused(access(NOW).verify(token), Reason.BAD_SIGNATURE, "not signed by this server");
    }

    @Test
    void refusesATokenOfAnotherKeyThatGoesByOurKeysName() throws ParseException {
        PrivateFiles.write(
                home.resolve("forged"),
                new ECKey.Builder(SigningKeys.inFile(home.resolve("other")).key())
                        .keyID(keys.key().getKeyID())
                        .build()
                        .toJSONString());
        SigningKeys forged = SigningKeys.inFile(home.resolve("forged"));
        String token = new AccessTokens(forged, ISSUER, new ListedPrincipals(ANNA), at(NOW))
                .issue(ANNA)
                .token();

        assertThat(SignedJWT.parse(token).getHeader().getKeyID())
                .isEqualTo(keys.key().getKeyID());
        assertRefused(access(NOW).verify(token), Reason.BAD_SIGNATURE, "not signed by this server");
    }

    @Test
    void refusesATokenWithoutSignature() {
        String token = new PlainJWT(new JWTClaimsSet.Builder()
                        .issuer(ISSUER)
                        .audience(ISSUER)
                        .subject("c-anna")
                        .build())
                .serialize();

        assertRefused(access(NOW).verify(token), Reason.MALFORMED, "not a signed JSON Web Token");
    }

    @Test
    void refusesATokenSignedWithThePublicKeyAsASharedSecret() throws JOSEException {
        SignedJWT token = new SignedJWT(
                new JWSHeader.Builder(JWSAlgorithm.HS256)
                        .type(new JOSEObjectType("at+jwt"))
                        .keyID(keys.key().getKeyID())
                        .build(),
                new JWTClaimsSet.Builder()
                        .issuer(ISSUER)
                        .audience(ISSUER)
                        .subject("c-anna")
                        .build());
        token.sign(new MACSigner(keys.key().toPublicJWK().toJSONString().getBytes(StandardCharsets.UTF_8)));

        assertRefused(access(NOW).verify(token.serialize()), Reason.BAD_SIGNATURE, "not signed by this server");
    }

    @Test
    void refusesATokenWhoseClaimsWereChanged() {
        String[] parts = access(NOW).issue(ANNA).token().split("\\.");
        String claims = new String(Base64.getUrlDecoder().decode(parts[1]), StandardCharsets.UTF_8);
        String changed = claims.replace("c-anna", "c-root");
        assertThat(changed).isNotEqualTo(claims);
        String token = parts[0] + "."
                + Base64.getUrlEncoder().withoutPadding().encodeToString(changed.getBytes(StandardCharsets.UTF_8)) + "."
                + parts[2];

        assertRefused(access(NOW).verify(token), Reason.BAD_SIGNATURE, "changed");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "a.b.c", "....", "eyJhbGciOiJFUzI1NiJ9.e30.", "\u0000.\u0000.\u0000"})
    void refusesWhatIsNoToken(String text) {
        assertThat(access(NOW).verify(text)).isInstanceOf(Refused.class);
    }

    @Test
    void refusesATokenOfAnotherIssuer() {
        String token = new AccessTokens(keys, "http://elsewhere/oidc", new ListedPrincipals(ANNA), at(NOW))
                .issue(ANNA)
                .token();

        assertRefused(access(NOW).verify(token), Reason.WRONG_ISSUER, "http://elsewhere/oidc");
    }

    @Test
    void refusesThePrincipalThatWasRemoved() {
        String token = access(NOW).issue(ANNA).token();

        assertRefused(
                new AccessTokens(keys, ISSUER, new ListedPrincipals(), at(NOW)).verify(token),
                Reason.UNKNOWN_PRINCIPAL,
                "c-anna");
    }

    @Test
    void refusesThePrincipalThatIsDeactivated() {
        String token = access(NOW).issue(ANNA).token();
        Principal inactive = new Principal("c-anna", PrincipalKind.SERVICE_PRINCIPAL, "anna", false, Set.of());

        assertRefused(
                new AccessTokens(keys, ISSUER, new ListedPrincipals(inactive), at(NOW)).verify(token),
                Reason.INACTIVE_PRINCIPAL,
                "anna is deactivated");
    }

    @Test
    void aCredentialIsGoodAtItsEndpointWithItsClaimsAndWhatActs() {
        List<DatabaseCredentials.Claim> claims =
                List.of(new DatabaseCredentials.Claim("READ_ONLY", List.of("main.public.orders")));
        Acting acting = new Acting("claude", "", "run_sql", "r-1");
        IssuedToken issued = credentials(NOW).issue(ANNA, ENDPOINT, Duration.ofMinutes(5), claims, acting);

        assertThat(issued.expires()).isEqualTo(Instant.parse("2026-11-25T10:05:00Z"));
        assertThat(credentials(NOW).verify(issued.token(), ENDPOINT))
                .isEqualTo(new Accepted<>(new DatabaseCredentials.Grant(ANNA, claims, acting)));
    }

    @Test
    void whatActsHasNamesThatCanBeShown() {
        for (String name : List.of("a\nb", "x".repeat(129))) {
            assertThatThrownBy(() -> new Acting(name, "", "", ""))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("name of the agent");
        }
    }

    @Test
    void refusesACredentialAtAnotherEndpoint() {
        String token = credentials(NOW)
                .issue(ANNA, ENDPOINT, Duration.ofHours(1), List.of(), Acting.NOBODY)
                .token();

        assertRefused(credentials(NOW).verify(token, "ep-other"), Reason.WRONG_AUDIENCE, ENDPOINT);
    }

    @Test
    void anAccessTokenIsNoCredentialAndACredentialNoAccessToken() {
        assertRefused(
                credentials(NOW).verify(access(NOW).issue(ANNA).token(), ISSUER), Reason.MALFORMED, "not of the kind");
        assertRefused(
                access(NOW)
                        .verify(credentials(NOW)
                                .issue(ANNA, ISSUER, Duration.ofHours(1), List.of(), Acting.NOBODY)
                                .token()),
                Reason.MALFORMED,
                "not of the kind");
    }

    @Test
    void aCredentialLivesForFiveToSixtyMinutes() {
        for (Duration lifetime : List.of(Duration.ofSeconds(299), Duration.ofMillis(3_600_001), Duration.ZERO)) {
            assertThatThrownBy(() -> credentials(NOW).issue(ANNA, ENDPOINT, lifetime, List.of(), Acting.NOBODY))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("Choose 300 to 3600 s");
        }
    }

    @Test
    void noTextOfATokenHoldsTheToken() {
        IssuedToken issued = access(NOW).issue(ANNA);

        assertThat(issued.toString()).doesNotContain(issued.token());
    }

    private AccessTokens access(Instant now) {
        return new AccessTokens(keys, ISSUER, new ListedPrincipals(ANNA), at(now));
    }

    private DatabaseCredentials credentials(Instant now) {
        return new DatabaseCredentials(keys, ISSUER, new ListedPrincipals(ANNA), at(now));
    }

    private static Clock at(Instant now) {
        return Clock.fixed(now, ZoneOffset.UTC);
    }

    private static void assertRefused(Verdict<?> verdict, Reason reason, String part) {
        assertThat(verdict).isInstanceOfSatisfying(Refused.class, refused -> {
            assertThat(refused.reason()).isEqualTo(reason);
            assertThat(refused.message()).contains(part);
        });
    }
}
