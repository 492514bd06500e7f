package dev.espalier.api;

import static dev.espalier.api.TestApi.P;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpRequest.BodyPublishers;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;

/** The record of calls, and what the server tells of itself. */
@ExtendWith(SharedApi.class)
class CallsTest {

    private final TestApi api;

    CallsTest(TestApi api) {
        this.api = api;
    }

    @Test
    void everyCallIsRecordedAlsoARefusedOne() {
        Instant before = Instant.now();
        api.get(P + "/projects?page_size=7");
        api.send(api.request(P + "/system").GET());
        api.call("POST", P + "/projects?project_id=x", "{");
        api.signIn(api.clientId(), "esp_wrong", "grant_type=client_credentials");
        Reply unknown = api.call("GET", "/nowhere", "");

        JsonNode calls =
                api.get(P + "/calls?since=" + before + "&page_size=50").json().get("calls");
        JsonNode listed = find(calls, "/api/2.0/postgres/projects", "GET");
        assertThat(listed.get("principal").asString()).isEqualTo("administrator");
        assertThat(listed.get("status_code").asInt()).isEqualTo(200);
        assertThat(listed.get("source_address").asString()).isEqualTo("127.0.0.1");
        assertThat(listed.get("user_agent").asString()).isEqualTo("test/1");
        assertThat(listed.get("duration_ms").asDouble()).isPositive();
        assertThat(listed.has("error_code")).isFalse();

        JsonNode refused = find(calls, "/api/2.0/postgres/system", "GET");
        assertThat(refused.has("principal")).isFalse();
        assertThat(refused.get("error_code").asString()).isEqualTo("UNAUTHENTICATED");

        assertThat(calls.valueStream()
                        .filter(call -> call.get("path").asString().equals("/oidc/v1/token"))
                        .map(call -> call.get("status_code").asInt() + " " + call.has("principal")))
                .contains("200 true", "401 false");
        assertThat(find(calls, "/api/2.0/postgres/projects", "POST")
                        .get("status_code")
                        .asInt())
                .isEqualTo(400);
        assertThat(find(calls, "/nowhere", "GET").get("request_id").asString())
                .isEqualTo(unknown.header("x-request-id"));
        assertThat(calls.toString()).doesNotContain(api.clientSecret());
    }

    @Test
    void nothingIsChangedWhileItCannotBeRecorded() {
        String authorization = "Bearer " + api.accessToken();
        api.obstacle = Optional.of("the disk is full.");
        try {
            Reply refused = api.send(api.request(P + "/projects?project_id=never-made")
                    .header("Authorization", authorization)
                    .POST(BodyPublishers.ofString("{}")));
            assertThat(refused.status()).isEqualTo(503);
            assertThat(refused.text()).contains("nothing is changed", "the disk is full.");
            // What makes room goes on, and signing in to say it.
            assertThat(api.send(api.request(P + "/projects/never-made")
                                    .header("Authorization", authorization)
                                    .DELETE())
                            .status())
                    .isEqualTo(404);
            assertThat(api.accessToken()).isNotEmpty();
            Reply read = api.send(api.request(P + "/projects")
                    .header("Authorization", authorization)
                    .GET());
            assertThat(read.status()).isEqualTo(200);
        } finally {
            api.obstacle = Optional.empty();
        }
        assertThat(api.get(P + "/projects/never-made").status()).isEqualTo(404);
    }

    @Test
    void callsCanBeListedByPrincipalPageByPage() {
        for (int i = 0; i < 3; i++) {
            api.get(P + "/projects");
        }

        JsonNode first =
                api.get(P + "/calls?principal=administrator&page_size=2").json();
        JsonNode second = api.get(P + "/calls?principal=administrator&page_size=2&page_token="
                        + first.get("next_page_token").asString())
                .json();

        assertThat(first.get("calls")).hasSize(2);
        assertThat(second.get("calls").get(0).get("request_id"))
                .isNotEqualTo(first.get("calls").get(1).get("request_id"));
        assertThat(api.get(P + "/calls?principal=nobody").json().get("calls")).isEmpty();
    }

    @Test
    void theSystemTellsWhatItRunsOn() {
        JsonNode system = api.get(P + "/system").json();

        assertThat(system.get("version").asString()).isEqualTo("1.2.3");
        assertThat(system.get("storage").get("total_bytes").asLong()).isPositive();
        assertThat(system.get("postgres").valueStream().map(p -> p.get("major").asInt()))
                .contains(18);
        assertThat(system.get("counts").propertyNames()).containsExactly("projects", "branches", "running_endpoints");
    }

    @Test
    void theSystemTellsWhatIsNotAsItShouldBeAndNothingWhileAllIsWell() {
        assertThat(api.get(P + "/system").json().has("problems")).isFalse();
        api.problems.add("the clock is wrong");
        try {
            assertThat(api.get(P + "/system")
                            .json()
                            .get("problems")
                            .get(0)
                            .get("message")
                            .asString())
                    .isEqualTo("the clock is wrong");
        } finally {
            api.problems.clear();
        }
    }

    private static JsonNode find(JsonNode calls, String path, String method) {
        return calls.valueStream()
                .filter(call -> call.get("path").asString().equals(path)
                        && call.get("method").asString().equals(method))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no " + method + " " + path + " in " + calls));
    }
}
