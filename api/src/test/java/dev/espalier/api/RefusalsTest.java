package dev.espalier.api;

import static dev.espalier.api.TestApi.P;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is refused, always in the same shape. */
@ExtendWith(SharedApi.class)
class RefusalsTest {

    private final TestApi api;

    RefusalsTest(TestApi api) {
        this.api = api;
    }

    @ParameterizedTest
    @CsvSource({
        "GET,/api/2.0/postgres/nothing,404,ENDPOINT_NOT_FOUND",
        "GET,/,404,ENDPOINT_NOT_FOUND",
        "POST,/api/2.0/postgres/projects/p/branches/b/rest,404,ENDPOINT_NOT_FOUND",
        "PUT,/api/2.0/postgres/projects,405,METHOD_NOT_ALLOWED",
        "DELETE,/api/2.0/postgres/projects,405,METHOD_NOT_ALLOWED",
        "OPTIONS,/api/2.0/postgres/projects,405,METHOD_NOT_ALLOWED",
        "FANCY,/api/2.0/postgres/projects,405,METHOD_NOT_ALLOWED",
        "GET,/oidc/v1/token,405,METHOD_NOT_ALLOWED"
    })
    void anUnknownPathOrMethodIsRefusedInTheSameShape(String method, String path, int status, String code) {
        Reply reply = api.call(method, path, "");

        reply.assertRefused(status, code, code);
        if (status == 405) {
            assertThat(reply.header("allow")).isNotBlank();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"%00", "%zz", "%ff", "%"})
    void aPathThatIsNotEncodedIsRefusedWithItsCauseAndTheFix(String id) throws IOException {
        String answer = raw("GET " + P + "/projects/" + id + " HTTP/1.1\r\nHost: x\r\n\r\n");

        assertThat(answer)
                .startsWith("HTTP/1.1 400 ")
                .contains("Write % as %25")
                .doesNotContain("cannot be read: Bad Request");
    }

    @Test
    void headIsNotAnswered() {
        assertThat(api.send(api.request(P + "/projects").method("HEAD", BodyPublishers.noBody()))
                        .status())
                .isEqualTo(405);
    }

    @Test
    void aWebSocketHandshakeIsACallLikeAnyOther() throws IOException {
        String answer =
                raw("GET " + P + "/projects HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");

        assertThat(answer).startsWith("HTTP/1.1 401 ").contains("TOKEN_MISSING");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "/projects?project_id=x | {\"spec\": | BAD_REQUEST | MALFORMED_JSON",
                "/projects?project_id=x | {\"spec\": {\"display_name\": 5}} | INVALID_PARAMETER_VALUE | spec.display_name must be a text",
                "/projects?project_id=x | [] | INVALID_PARAMETER_VALUE | the body must be an object",
                "/projects?project_id=x | {\"spec\": {\"custom_tags\": [null]}} | INVALID_PARAMETER_VALUE | spec.custom_tags[0] is null",
                "/projects | {} | INVALID_PARAMETER_VALUE | project_id is missing",
                "/projects?project_id=X_Y | {} | INVALID_PARAMETER_VALUE | X_Y",
                "/credentials | {} | INVALID_PARAMETER_VALUE | endpoint is missing",
                "/credentials | {\"endpoint\": \"projects/p\"} | INVALID_PARAMETER_VALUE | is not an endpoint",
                "/projects/nope/branches/b/reset | {} | NOT_FOUND | nope",
                "/projects/nope/branches?branch_id=b | {\"spec\": {\"no_expiry\": true}} | NOT_FOUND | nope"
            })
    void aPostThatCannotBeDoneSaysWhy(String path, String body, String code, String part) {
        Reply reply = api.call("POST", P + path, body);

        assertThat(reply.json().get("error_code").asString()).isEqualTo(code);
        assertThat(reply.text()).contains(part);
    }

    @ParameterizedTest
    @CsvSource({
        "/projects?page_size=101,page_size 101 is not possible",
        "/projects?page_size=-1,page_size -1 is not possible",
        "/projects?page_size=many,page_size must be a whole number",
        "/projects?page_token=rubbish,page_token was not given by this list",
        "/calls?page_token=MTk3MC0wMS0wMVQwMDowMDowMFogeA,page_token was not given by this list",
        "/projects?show_deleted=yes,show_deleted must be true or false",
        "/calls?since=yesterday,since must be a time as RFC 3339",
        "/calls?principal=a%00b,has a null character",
        "/calls?principal=a&principal=b,principal is given twice",
        "/projects/nope,nope",
        "/projects/nope/operations/00000000-0000-0000-0000-000000000000,there is no operation",
        "/projects/nope/branches/b/schema_diff,against is missing"
    })
    void aGetThatCannotBeDoneSaysWhy(String path, String part) {
        Reply reply = api.get(P + path);

        assertThat(reply.status()).isBetween(400, 404);
        assertThat(reply.json().get("message").asString()).contains(part);
    }

    @Test
    void aContentTypeThatMakesNoSenseChangesNothing() {
        Reply reply = api.send(api.request(P + "/projects?page_size=101")
                .header("Authorization", "Bearer " + api.accessToken())
                .header("Content-Type", "application/json; charset")
                .GET());

        assertThat(reply.json().get("message").asString()).contains("page_size 101");
    }

    @Test
    void whatTheClientSaysOfItsEncodingIsNotHeeded() {
        for (String charset : new String[] {"nope", "utf-32"}) {
            Reply reply = api.send(api.request(P + "/projects?project_id=NOT_ONE")
                    .header("Authorization", "Bearer " + api.accessToken())
                    .header("Content-Type", "application/json; charset=" + charset)
                    .POST(BodyPublishers.ofString(
                            "{\"x\": \"" + "y".repeat(9000) + "\", \"spec\": {\"display_name\": \"told\"}}")));

            reply.assertRefused(400, "INVALID_PARAMETER_VALUE", "INVALID_PARAMETER_VALUE");
            assertThat(api.witnessed.getLast().parameters().get("request_body"))
                    .isEqualTo("{\"spec\":{\"display_name\":\"told\"}}");
        }
        Reply stranger = api.send(api.request(P + "/projects?project_id=x")
                .header("Content-Type", "application/json; charset=nope")
                .POST(BodyPublishers.ofString("{}")));
        stranger.assertRefused(401, "UNAUTHENTICATED", "TOKEN_MISSING");
    }

    @Test
    void aBodyThatIsNotSentToItsEndIsNoFaultOfTheServers() throws IOException {
        String answer = raw("POST /oidc/v1/token HTTP/1.1\r\nHost: x\r\n"
                + "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 100\r\n\r\ngrant_type=");

        assertThat(answer).doesNotContain("INTERNAL_ERROR");
    }

    @Test
    void aBodyLargerThanAMebibyteIsRefused() {
        Reply reply = api.call("POST", P + "/projects?project_id=x", "{\"x\": \"" + "y".repeat(1 << 20) + "\"}");

        reply.assertRefused(413, "BAD_REQUEST", "BODY_TOO_LARGE");
    }

    @Test
    void theLargestBodyIsRead() {
        String body = "{\"spec\": \"" + "y".repeat((1 << 20) - 12) + "\"}";
        assertThat(body).hasSize(1 << 20);

        api.call("POST", P + "/projects?project_id=x", body)
                .assertRefused(400, "INVALID_PARAMETER_VALUE", "INVALID_PARAMETER_VALUE");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n",
                "GET /../../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n",
                "GET / HTTP/9.9\r\nHost: x\r\n\r\n",
                "GET / HTTP/1.1\r\n\r\n",
                "rubbish\r\n\r\n",
                "POST /oidc/v1/token HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n"
            })
    void whatIsNoHttpIsRefusedInTheSameShape(String bytes) throws IOException {
        String answer = raw(bytes);

        assertThat(answer).startsWith("HTTP/1.1 ").doesNotContain("<html").contains("\"error_code\":\"");
    }

    private String raw(String bytes) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), api.url.getPort())) {
            socket.setSoTimeout(60_000);
            socket.getOutputStream().write(bytes.getBytes(StandardCharsets.ISO_8859_1));
            socket.shutdownOutput();
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
