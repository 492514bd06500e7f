package dev.espalier.api;

import static dev.espalier.api.TestApi.P;
import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.api.http.HttpServer;
import dev.espalier.api.http.Route;
import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.ControlException.Code;
import dev.espalier.identity.TrustedTokens;
import java.net.URI;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;

/** What callers see of faults that nobody has foreseen: a server with routes that break. */
@ExtendWith(SharedApi.class)
class FaultsTest {

    private static final String DETAIL = "password=hunter2";

    private final TestApi api;
    private final HttpServer server;
    private URI url = URI.create("");

    FaultsTest(TestApi api) {
        this.api = api;
        this.server = new HttpServer(
                List.of(
                        route("/exception", () -> new IllegalStateException(DETAIL)),
                        route("/error", () -> new StackOverflowError(DETAIL)),
                        route("/internal", () -> new ControlException(Code.INTERNAL_ERROR, "the disk is gone")),
                        Route.get("/unwritable", "d", "d", Map.class, _ -> endless())
                                .withoutSignIn()),
                new TrustedTokens(api.tokens, List.of(), api.plane.principals(), Clock.systemUTC()),
                api.plane.access(),
                api.plane.calls(),
                Clock.systemUTC());
    }

    /** Cannot become JSON. */
    private static List<Object> endless() {
        List<Object> list = new ArrayList<>();
        list.add(list);
        return list;
    }

    @FunctionalInterface
    private interface Fault {
        Throwable make();
    }

    private static Route route(String path, Fault fault) {
        return Route.get(path, "d", "d", Map.class, _ -> {
                    throw sneaky(fault.make());
                })
                .withoutSignIn();
    }

    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    private static <T extends Throwable> T sneaky(Throwable fault) throws T {
        throw (T) fault;
    }

    @BeforeEach
    void start() {
        url = server.start("127.0.0.1", 0);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void theCallerOfABrokenMethodLearnsTheRequestsIdAndNothingElse() {
        for (String path : List.of("/exception", "/error", "/unwritable")) {
            Reply reply = api.send(api.request(url.resolve(path)).GET());

            reply.assertRefused(500, "INTERNAL_ERROR", "INTERNAL_ERROR");
            assertThat(reply.text())
                    .contains("under request " + reply.header("x-request-id"))
                    .doesNotContain("hunter2", "IllegalState", "StackOverflow");
            assertThat(recorded(reply).get("status_code").asInt()).isEqualTo(500);
        }
    }

    @Test
    void aFaultThatIsKnownIsToldAndRecorded() {
        Reply reply = api.send(api.request(url.resolve("/internal")).GET());

        reply.assertRefused(500, "INTERNAL_ERROR", "INTERNAL_ERROR");
        assertThat(reply.text()).contains("the disk is gone");
        assertThat(recorded(reply).get("error_code").asString()).isEqualTo("INTERNAL_ERROR");
    }

    private JsonNode recorded(Reply reply) {
        return api.get(P + "/calls?page_size=100")
                .ok()
                .get("calls")
                .valueStream()
                .filter(call -> call.get("request_id").asString().equals(reply.header("x-request-id")))
                .findFirst()
                .orElseThrow();
    }
}
