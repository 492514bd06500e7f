package dev.espalier.api.system;

import static dev.espalier.api.http.QueryParameter.PAGE_SIZE;
import static dev.espalier.api.http.QueryParameter.PAGE_TOKEN;

import dev.espalier.api.http.QueryParameter;
import dev.espalier.api.http.Request;
import dev.espalier.api.http.Route;
import dev.espalier.control.Calls;
import dev.espalier.control.SystemStatus;
import java.time.Clock;
import java.util.List;
import java.util.function.Supplier;

/** The methods that tell of the server itself and of who uses it. */
public final class SystemRoutes {

    private static final QueryParameter PRINCIPAL =
            QueryParameter.optional("principal", "Name of the one whose calls to list.");
    private static final QueryParameter SINCE =
            new QueryParameter("since", QueryParameter.Type.TIME, false, "The earliest calls to list.");

    private final String version;
    private final Health.Gateway gateway;
    private final Runnable healthy;
    private final Supplier<SystemStatus> status;
    private final Supplier<List<String>> problems;
    private final Calls calls;
    private final Clock clock;

    /**
     * @param healthy fails while the server cannot work
     * @param problems what is not as it should be
     */
    public SystemRoutes(
            String version,
            Health.Gateway gateway,
            Runnable healthy,
            Supplier<SystemStatus> status,
            Supplier<List<String>> problems,
            Calls calls,
            Clock clock) {
        this.version = version;
        this.gateway = gateway;
        this.healthy = healthy;
        this.status = status;
        this.problems = problems;
        this.calls = calls;
        this.clock = clock;
    }

    public List<Route> routes() {
        return List.of(
                Route.get(
                                "/health",
                                "getHealth",
                                "Tells that the server is up, its control database among it.",
                                Health.class,
                                this::health)
                        .withoutSignIn(),
                Route.get(
                        Route.ROOT + "/system",
                        "getSystem",
                        "Tells what runs, on what.",
                        SystemResource.class,
                        this::system),
                Route.get(
                                Route.ROOT + "/calls",
                                "listCalls",
                                "Lists the calls of this API, the newest first.",
                                CallList.class,
                                this::calls)
                        .query(PAGE_SIZE, PAGE_TOKEN, PRINCIPAL, SINCE));
    }

    private Object health(Request request) {
        healthy.run();
        return new Health("ok", version, new Health.Gateway(request.reaching(gateway.host()), gateway.port()));
    }

    private Object system(Request request) {
        return SystemResource.of(status.get(), problems.get(), clock.instant());
    }

    private Object calls(Request request) {
        return CallList.of(calls.list(
                request.pageSize(), request.pageToken(), request.query(PRINCIPAL.name()), request.time(SINCE.name())));
    }
}
