package dev.espalier.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import dev.espalier.identity.Verdict.Accepted;
import dev.espalier.identity.Verdict.Reason;
import dev.espalier.identity.Verdict.Refused;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tokens of another issuer, which is asked for its keys over HTTP. */
class TrustedTokensTest {

    private static final Instant NOW = Instant.parse("2026-11-25T10:00:00Z");
    private static final Principal ANN = ListedPrincipals.person("u-ann", "ann@example.com");
    private static final Principal CI = ListedPrincipals.program("c-ci", "ci");

    @TempDir
    private Path home;

    private final ListedPrincipals principals = new ListedPrincipals(ANN, CI);
    private TestIssuer issuer;
    private TrustedTokens tokens;

    @BeforeEach
    void begin() throws IOException, JOSEException {
        issuer = new TestIssuer();
        tokens = trusting(Duration.ofMillis(1), oidc(issuer.url(), "email", Optional.empty()));
    }

    @AfterEach
    void end() {
        issuer.close();
    }

    @Test
    void aTokenStandsForTheUserWhomItsClaimNamesInWhateverCapitals() {
        assertThat(tokens.verify(issuer.sign(claims()))).isEqualTo(new Accepted<>(ANN));
        assertThat(issuer.fetches).hasValue(1);
        assertThat(tokens.verify(issuer.sign(claims()))).isEqualTo(new Accepted<>(ANN));
        assertThat(issuer.fetches).as("the keys are kept").hasValue(1);
    }

    @Test
    void aTokenOfAProgramStandsForWhoHasItsSubjectAsExternalId() {
        principals.externalId("00u1", CI);

        assertThat(tokens.verify(issuer.sign(claims().claim("email", null)))).isEqualTo(new Accepted<>(CI));
        assertThat(trusting(Duration.ofMillis(1), oidc(issuer.url(), "sub", Optional.empty()))
                        .verify(issuer.sign(claims())))
                .isEqualTo(new Accepted<>(CI));
    }

    @Test
    void oneIssuerIsTrustedInAllTheWaysThatItStandsThere() {
        principals.externalId("00u1", CI);
        TrustedTokens both = trusting(
                Duration.ofMillis(1),
                new OidcIssuer(issuer.url(), "programs", "sub", Optional.empty(), OidcIssuer.USUAL_ALGORITHMS),
                oidc(issuer.url(), "email", Optional.empty()));

        assertThat(both.verify(issuer.sign(claims()))).isEqualTo(new Accepted<>(ANN));
        assertThat(both.verify(issuer.sign(claims().audience("programs")))).isEqualTo(new Accepted<>(CI));
        assertRefused(both.verify(issuer.sign(claims().audience("others"))), Reason.WRONG_AUDIENCE, "others");
        assertRefused(
                both.verify(issuer.sign(claims().claim("email", "eve@example.com"))),
                Reason.UNKNOWN_PRINCIPAL,
                "eve@example.com");
    }

    @Test
    void whoIsNotKnownIsNamed() {
        assertRefused(
                issuer.sign(claims().claim("email", "eve@example.com")), Reason.UNKNOWN_PRINCIPAL, "eve@example.com");
        assertRefused(issuer.sign(claims().claim("email", null)), Reason.UNKNOWN_PRINCIPAL, "00u1");
        principals.externalId("00u1", CI);
        assertRefused(
                issuer.sign(claims().claim("email", "eve@example.com")), Reason.UNKNOWN_PRINCIPAL, "eve@example.com");
        assertRefused(issuer.sign(claims().claim("email_verified", false)), Reason.UNKNOWN_PRINCIPAL, "not verified");
        principals.remove(ANN);
        assertRefused(issuer.sign(claims()), Reason.UNKNOWN_PRINCIPAL, "Ann@Example.com");
    }

    @Test
    void anAddressThatOnlyLooksTheSameIsAnothers() {
        Principal kim = ListedPrincipals.person("u-kim", "kim@example.com");
        TrustedTokens trusting = new TrustedTokens(
                own(),
                List.of(oidc(issuer.url(), "email", Optional.empty())),
                new ListedPrincipals(kim),
                Clock.fixed(NOW, ZoneOffset.UTC));

        assertThat(trusting.verify(issuer.sign(claims().claim("email", "KIM@example.com"))))
                .isEqualTo(new Accepted<>(kim));
        assertRefused(
                trusting.verify(issuer.sign(claims().claim("email", "\u212aim@example.com"))),
                Reason.UNKNOWN_PRINCIPAL,
                "\u212aim@example.com");
    }

    @Test
    void aNewKeyOfTheIssuersIsFoundWithoutARestartAndTheOldOneIsGone() throws JOSEException {
        String old = issuer.sign(claims());
        assertThat(tokens.verify(old)).isInstanceOf(Accepted.class);
        issuer.rotate("k2");

        assertThat(tokens.verify(issuer.sign(claims()))).isEqualTo(new Accepted<>(ANN));
        assertRefused(old, Reason.BAD_SIGNATURE, "key k1 is none of those");
    }

    @Test
    void unknownKeysDoNotMakeTheIssuerBeAskedEachTime() throws JOSEException {
        TrustedTokens patient = trusting(Duration.ofMinutes(1), oidc(issuer.url(), "email", Optional.empty()));
        String forged = TestIssuer.sign(TestIssuer.newKey("unknown"), claims());

        for (int i = 0; i < 20; i++) {
            assertRefused(patient.verify(forged), Reason.BAD_SIGNATURE, "key unknown is none of those");
        }
        assertThat(issuer.fetches.get()).isLessThanOrEqualTo(2);
    }

    @Test
    void clocksMayDifferByAMinute() {
        assertGood(claims().expirationTime(at(-59)));
        assertRefused(issuer.sign(claims().expirationTime(at(-60))), Reason.EXPIRED, "expired at 2026-11-25T09:59:00Z");
        assertGood(claims().issueTime(at(60)).notBeforeTime(at(60)));
        assertRefused(issuer.sign(claims().issueTime(at(61))), Reason.NOT_YET_VALID, "10:01:01Z");
        assertRefused(issuer.sign(claims().notBeforeTime(at(61))), Reason.NOT_YET_VALID, "Set the clock");
        assertRefused(issuer.sign(claims().expirationTime(null)), Reason.MALFORMED, "lacks exp");
    }

    @Test
    void aTokenForAnotherAudienceOrApplicationIsRefused() {
        assertRefused(
                issuer.sign(claims().audience("grafana")),
                Reason.WRONG_AUDIENCE,
                "issued for grafana, not for espalier");
        assertRefused(issuer.sign(claims().audience(List.of())), Reason.WRONG_AUDIENCE, "not for espalier");
        assertGood(claims().audience(List.of("grafana", "espalier")));
        TrustedTokens choosy = trusting(Duration.ofMillis(1), oidc(issuer.url(), "email", Optional.of("cli")));
        assertThat(choosy.verify(issuer.sign(claims().claim("azp", "cli")))).isInstanceOf(Accepted.class);
        assertRefused(
                choosy.verify(issuer.sign(claims().claim("azp", "app"))), Reason.WRONG_AUDIENCE, "application app");
        assertRefused(choosy.verify(issuer.sign(claims())), Reason.WRONG_AUDIENCE, "application");
    }

    @Test
    void aTokenOfAnIssuerThatIsNotTrustedIsRefused() {
        assertRefused(
                issuer.sign(claims().issuer("https://elsewhere.example.com")),
                Reason.WRONG_ISSUER,
                "https://elsewhere.example.com");
    }

    @Test
    void aTokenThatNobodyOrSomebodyElseSignedIsRefused() throws JOSEException {
        assertRefused(TestIssuer.sign(TestIssuer.newKey("k1"), claims()), Reason.BAD_SIGNATURE, "not signed by");
        assertRefused(new PlainJWT(claims().build()).serialize(), Reason.MALFORMED, "not a signed");
        SignedJWT byPublicKey = new SignedJWT(
                new JWSHeader.Builder(JWSAlgorithm.HS256).keyID("k1").build(), claims().build());
        byPublicKey.sign(new MACSigner(issuer.key().toRSAPublicKey().getEncoded()));
        assertRefused(byPublicKey.serialize(), Reason.BAD_SIGNATURE, "HS256");
        SignedJWT logout = new SignedJWT(
                new JWSHeader.Builder(JWSAlgorithm.RS256)
                        .keyID("k1")
                        .type(new JOSEObjectType("logout+jwt"))
                        .build(),
                claims().build());
        logout.sign(new RSASSASigner(issuer.key()));
        assertRefused(logout.serialize(), Reason.MALFORMED, "logout+jwt");
    }

    @Test
    void anIssuerThatIsDownIsNamedAndNotWaitedForAgainAndAgain() throws JOSEException {
        TrustedTokens patient = trusting(Duration.ofMinutes(1), oidc(issuer.url(), "email", Optional.empty()));
        String token = issuer.sign(claims());
        issuer.close();

        for (int i = 0; i < 5; i++) {
            assertRefused(patient.verify(token), Reason.ISSUER_UNREACHABLE, issuer.url());
        }
    }

    @Test
    void anIssuerThatDoesNotAnswerIsGivenUpAfterSomeSeconds() throws IOException {
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            String url = "http://127.0.0.1:" + silent.getLocalPort();
            long begun = System.nanoTime();

            assertRefused(
                    trusting(Duration.ofMinutes(1), oidc(url, "email", Optional.empty()))
                            .verify(issuer.sign(claims().issuer(url))),
                    Reason.ISSUER_UNREACHABLE,
                    "timed out");
            assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(8));
        }
    }

    @Test
    void keysThatAreKnownOutlastAnIssuerThatGoesDown() {
        String token = issuer.sign(claims());
        assertGood(claims());
        issuer.close();

        assertThat(tokens.verify(token)).isEqualTo(new Accepted<>(ANN));
    }

    @Test
    void aDiscoveryDocumentOfAnotherIssuerIsNotTaken() {
        issuer.callItself("https://elsewhere.example.com");

        assertRefused(issuer.sign(claims()), Reason.ISSUER_UNREACHABLE, "describes the issuer https://elsewhere");
    }

    @Test
    void anIssuerIsAskedOverHttpsOrOnThisMachineAndSignsWithAPublicKeysAlgorithm() {
        for (String url : List.of("http://login.example.com", "ftp://x", "login.example.com", "https://")) {
            assertThatThrownBy(() -> oidc(url, "email", Optional.empty()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(url);
        }
        for (String algorithm : List.of("HS256", "none", "RS257", "EdDSA", "Ed25519")) {
            assertThatThrownBy(() -> new OidcIssuer(
                            issuer.url(), "espalier", "email", Optional.empty(), Set.of("RS256", algorithm)))
                    .hasMessageContaining(algorithm);
        }
        assertThatThrownBy(() -> new OidcIssuer(issuer.url(), "", "email", Optional.empty(), Set.of("RS256")))
                .hasMessageContaining("audience");
    }

    private JWTClaimsSet.Builder claims() {
        return issuer.claims(NOW);
    }

    private void assertGood(JWTClaimsSet.Builder claims) {
        assertThat(tokens.verify(issuer.sign(claims))).isInstanceOf(Accepted.class);
    }

    private void assertRefused(String token, Reason reason, String part) {
        assertRefused(tokens.verify(token), reason, part);
    }

    private static void assertRefused(Verdict<?> verdict, Reason reason, String part) {
        assertThat(verdict).isInstanceOfSatisfying(Refused.class, refused -> {
            assertThat(refused.message()).contains(part);
            assertThat(refused.reason()).isEqualTo(reason);
        });
    }

    private static Date at(int seconds) {
        return Date.from(NOW.plusSeconds(seconds));
    }

    private static OidcIssuer oidc(String url, String claim, Optional<String> client) {
        return new OidcIssuer(url, "espalier", claim, client, OidcIssuer.USUAL_ALGORITHMS);
    }

    private AccessTokens own() {
        return new AccessTokens(
                SigningKeys.inFile(home.resolve("key")),
                "http://127.0.0.1:8400",
                principals,
                Clock.fixed(NOW, ZoneOffset.UTC));
    }

    private TrustedTokens trusting(Duration pause, OidcIssuer... trusted) {
        return new TrustedTokens(own(), List.of(trusted), principals, pause, Clock.fixed(NOW, ZoneOffset.UTC));
    }
}
