package dev.espalier.api;

import static dev.espalier.api.TestApi.P;
import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jwt.SignedJWT;
import dev.espalier.identity.AccessTokens;
import dev.espalier.identity.Principal;
import dev.espalier.identity.PrincipalKind;
import dev.espalier.identity.SigningKeys;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublishers;
import java.text.ParseException;
import java.time.Clock;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** How a client gets in, and who does not. */
@ExtendWith(SharedApi.class)
class SignInTest {

    private final TestApi api;

    SignInTest(TestApi api) {
        this.api = api;
    }

    @Test
    void healthAndTheDocumentNeedNoSignIn() {
        assertThat(api.send(api.request("/health").GET()).json())
                .isEqualTo(
                        Json.tree(
                                "{\"status\": \"ok\", \"version\": \"1.2.3\",\"gateway\":{\"host\":\"127.0.0.1\",\"port\":5400}}"));
        assertThat(api.send(api.request("/api/openapi.json").GET())
                        .json()
                        .get("openapi")
                        .asString())
                .isEqualTo("3.1.0");
    }

    @Test
    void aGatewayOnEveryAddressIsWhereTheCallerHasReachedTheApi() {
        URI byName = URI.create("http://localhost:" + api.url.getPort() + "/health");
        assertThat(api.send(api.request(byName).GET())
                        .json()
                        .get("gateway")
                        .get("host")
                        .asString())
                .isEqualTo("localhost");
    }

    @Test
    void aClientFindsItsWayFromTheHostToATokenAndIn() {
        JsonNode host =
                api.send(api.request("/.well-known/databricks-config").GET()).json();
        String oidc = host.get("oidc_endpoint").asString();
        assertThat(oidc).isEqualTo(api.url + "/oidc");
        JsonNode server = api.send(api.request("/oidc/.well-known/oauth-authorization-server")
                        .GET())
                .json();
        assertThat(server.get("token_endpoint").asString()).isEqualTo(oidc + "/v1/token");
        assertThat(server.get("issuer").asString()).isEqualTo(TestApi.ISSUER);

        Reply token = api.signIn(api.clientId(), api.clientSecret(), "grant_type=client_credentials&scope=all-apis");
        assertThat(token.status()).isEqualTo(200);
        assertThat(token.header("cache-control")).isEqualTo("no-store");
        assertThat(token.json().get("token_type").asString()).isEqualTo("Bearer");
        assertThat(token.json().get("expires_in").asInt()).isBetween(3598, 3600);
        assertThat(token.json().get("scope").asString()).isEqualTo("all-apis");

        JsonNode me = api.get("/api/2.0/preview/scim/v2/Me").json();
        assertThat(me.get("userName").asString()).isEqualTo(api.clientId());
        assertThat(me.get("displayName").asString()).isEqualTo("administrator");
        assertThat(me.get("groups").get(0).get("display").asString()).isEqualTo("admins");
    }

    @Test
    void behindAProxyThatSpeaksTlsTheAddressesAreItsOwn() {
        JsonNode host = api.send(api.request("/.well-known/databricks-config")
                        .header("X-Forwarded-Proto", "https")
                        .GET())
                .json();

        assertThat(host.get("oidc_endpoint").asString()).isEqualTo("https://127.0.0.1:" + api.url.getPort() + "/oidc");
    }

    @Test
    void aFormInSeveralPartsIsNoForm() {
        String parts = """
                --x
                Content-Disposition: form-data; name="grant_type"

                client_credentials
                --x--
                """;
        Reply reply = api.send(api.request("/oidc/v1/token")
                .header("Content-Type", "multipart/form-data; boundary=x")
                .POST(BodyPublishers.ofString(parts.replace("\n", "\r\n"))));

        assertThat(reply.status()).isEqualTo(400);
    }

    @Test
    void aTokenCanBeCheckedWithThePublishedKey() throws ParseException {
        SignedJWT token = SignedJWT.parse(api.accessToken());
        JsonNode key = api.send(api.request("/oidc/jwks.json").GET())
                .json()
                .get("keys")
                .get(0);

        assertThat(key.get("kid").asString()).isEqualTo(token.getHeader().getKeyID());
        assertThat(key.has("d")).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "grant_type=client_credentials&scope=other | 400 | invalid_scope",
                "grant_type=password | 400 | unsupported_grant_type",
                "scope=all-apis | 400 | invalid_request",
                "'' | 400 | invalid_request"
            })
    void anAskerWithAWrongFormIsToldSo(String form, int status, String error) {
        Reply reply = api.signIn(api.clientId(), api.clientSecret(), form);

        assertThat(reply.status()).isEqualTo(status);
        assertThat(reply.json().get("error").asString()).isEqualTo(error);
        assertThat(reply.json().get("error_description").asString()).isNotBlank();
    }

    @Test
    void wrongCredentialsGetNoToken() {
        String form = "grant_type=client_credentials";
        for (Reply reply : new Reply[] {
            api.signIn(api.clientId(), "esp_wrong", form),
            api.signIn("nobody", api.clientSecret(), form),
            api.signIn("no\0body", "x", form),
            api.signIn("", "", form),
            api.send(api.request("/oidc/v1/token")
                    .header("Content-Type", "application/x-www-form-urlencoded")
                    .POST(BodyPublishers.ofString(form))),
            api.send(api.request("/oidc/v1/token")
                    .header("Authorization", "Basic %%%")
                    .header("Content-Type", "application/x-www-form-urlencoded")
                    .POST(BodyPublishers.ofString(form)))
        }) {
            assertThat(reply.status()).isEqualTo(401);
            assertThat(reply.header("www-authenticate")).isEqualTo("Basic realm=\"espalier\"");
            assertThat(reply.json().get("error").asString()).isEqualTo("invalid_client");
        }
    }

    @Test
    void withoutTokenACallIsRefused() {
        Reply reply = api.send(api.request(P + "/projects").GET());

        reply.assertRefused(401, "UNAUTHENTICATED", "TOKEN_MISSING");
        assertThat(reply.header("www-authenticate")).isEqualTo("Bearer realm=\"espalier\"");
    }

    @Test
    void aTokenThatIsNotGoodIsRefusedWithItsReason() {
        Principal admin = api.plane.principals().find(api.clientId()).orElseThrow();
        Clock past = Clock.offset(Clock.systemUTC(), Duration.ofHours(-2));
        String expired = new AccessTokens(api.keys, TestApi.ISSUER, api.plane.principals(), past)
                .issue(admin)
                .token();
        SigningKeys others = SigningKeys.inFile(api.directory.resolve("others-key.json"));
        String forged = new AccessTokens(others, TestApi.ISSUER, api.plane.principals(), Clock.systemUTC())
                .issue(admin)
                .token();
        String unknown = api.tokens
                .issue(new Principal("gone", PrincipalKind.SERVICE_PRINCIPAL, "gone", true, Set.of()))
                .token();

        assertToken(expired, "TOKEN_EXPIRED");
        assertToken(forged, "TOKEN_BAD_SIGNATURE");
        assertToken(unknown, "TOKEN_UNKNOWN_PRINCIPAL");
        assertToken("rubbish", "TOKEN_MALFORMED");
        assertToken("a.b.c", "TOKEN_MALFORMED");
    }

    private void assertToken(String token, String reason) {
        Reply reply = api.send(api.request(P + "/projects")
                .header("Authorization", "Bearer " + token)
                .GET());

        reply.assertRefused(401, "UNAUTHENTICATED", reason);
        assertThat(reply.header("www-authenticate")).isEqualTo("Bearer realm=\"espalier\", error=\"invalid_token\"");
        assertThat(reply.text()).doesNotContain(token);
    }
}
