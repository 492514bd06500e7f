package dev.espalier.api.http;

import static java.util.stream.Collectors.toSet;

import dev.espalier.api.wire.Wire;
import dev.espalier.control.AccessLists;
import dev.espalier.control.Calls;
import dev.espalier.control.Permission;
import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.ControlException.Code;
import dev.espalier.identity.Principal;
import dev.espalier.identity.TrustedTokens;
import io.javalin.Javalin;
import io.javalin.compression.CompressionStrategy;
import io.javalin.config.JavalinConfig;
import io.javalin.http.ContentTooLargeResponse;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import io.javalin.http.HttpResponseException;
import io.javalin.http.MethodNotAllowedResponse;
import io.javalin.http.servlet.JavalinServlet;
import io.javalin.http.servlet.ServletEntry;
import io.javalin.util.JavalinBindException;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import kotlin.LazyKt;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.handler.GracefulHandler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Serves routes over HTTP: finds out who calls, answers in JSON, records the call. */
public final class HttpServer implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(HttpServer.class);

    /** A little more than an operation keeps its caller waiting. */
    private static final Duration STOP_WITHIN = Duration.ofSeconds(12);

    private final BearerTokens tokens;
    private final AccessLists access;
    private final CallRecorder recorder;
    private final Javalin javalin;

    public HttpServer(List<Route> routes, TrustedTokens tokens, AccessLists access, Calls calls, Clock clock) {
        this.tokens = new BearerTokens(tokens);
        this.access = access;
        this.recorder = new CallRecorder(calls, clock);
        this.javalin = Javalin.create(config -> {
            configure(config);
            handle(config, routes);
        });
    }

    private static void configure(JavalinConfig config) {
        config.startup.showJavalinBanner = false;
        config.startup.showOldJavalinVersionWarning = false;
        config.startup.startupWatcherEnabled = false;
        config.concurrency.useVirtualThreads = false;
        config.http.prefer405over404 = true;
        config.http.compressionStrategy = CompressionStrategy.NONE;
        config.jetty.modifyServer(HttpServer::finishWhatHasBegun);
        config.jetty.modifyServer(HttpServer::letNobodyHoldItAll);
        config.jetty.modifyServer(server -> server.setErrorHandler(new UnreadableRequests()));
        // Without its web sockets, which nothing here uses: their handshake would pass by sign-in and the record of
        // calls.
        config.unsafe.servlet = LazyKt.lazy(() -> new ServletEntry(null, new JavalinServlet(config.unsafe)));
    }

    private static void finishWhatHasBegun(Server server) {
        server.insertHandler(new GracefulHandler());
        server.setStopTimeout(STOP_WITHIN.toMillis());
    }

    private static void letNobodyHoldItAll(Server server) {
        server.insertHandler(new SlowBodies(System::nanoTime));
        server.addBean(new ConnectionBounds(server, ConnectionBounds.MOST, ConnectionBounds.MOST_FROM_ONE));
    }

    private void handle(JavalinConfig config, List<Route> routes) {
        config.routes.before(recorder::begin);
        config.routes.before(HttpServer::refuseHead);
        config.routes.after(recorder::end);
        config.routes.exception(ControlException.class, Failures::refused);
        config.routes.exception(HttpResponseException.class, Failures::refusedByServer);
        config.routes.exception(IOException.class, Failures::unsent);
        config.routes.exception(Exception.class, Failures::unexpected);
        config.router.javaLangErrorHandler(Failures::broken);
        routes.forEach(
                route -> config.routes.addHttpHandler(route.method(), route.path(), context -> answer(route, context)));
    }

    /** Javalin would answer HEAD for every GET without asking who calls. */
    private static void refuseHead(Context context) {
        if (context.method().equals(HandlerType.HEAD)) {
            throw new MethodNotAllowedResponse("", Map.of("availableMethods", "GET"));
        }
    }

    private void answer(Route route, Context context) throws IOException {
        CallRecorder.operation(context, route);
        Optional<Principal> principal = Optional.empty();
        if (!route.open()) {
            Principal who = tokens.principal(Optional.ofNullable(context.header("Authorization")));
            CallRecorder.principal(context, who);
            principal = Optional.of(who);
        }
        byte[] body = body(route, context);
        if (principal.isPresent()) {
            recorder.asked(context, route, body);
            authorise(principal.get(), route, context);
        }
        recorder.refuseWhatCannotBeRecorded(route);
        Object answer = route.action().answer(new Request(context, principal, body));
        if (answer instanceof InAudit told) {
            CallRecorder.answered(context, told);
        }
        if (answer instanceof Answer special) {
            special.headers().forEach(context::header);
            special.errorCode().ifPresent(code -> CallRecorder.errorCode(context, code));
            write(context, special.status(), special.body());
        } else {
            write(context, 200, answer);
        }
    }

    /** Not by Javalin, which knows one limit for all methods. */
    private static byte[] body(Route route, Context context) throws IOException {
        if (route.body().isEmpty()) {
            return new byte[0];
        }
        byte[] body = context.bodyInputStream().readNBytes(Math.toIntExact(route.largestBody() + 1));
        if (body.length > route.largestBody()) {
            throw new ContentTooLargeResponse("the body is larger than " + (route.largestBody() >> 20)
                    + " MiB, which is the most that this method takes.");
        }
        return body;
    }

    private void authorise(Principal who, Route route, Context context) {
        switch (route.access()) {
            case ANYONE, SIGNED_IN -> {}
            case PROJECT ->
                access.require(
                        who,
                        context.pathParam("project_id"),
                        route.method().equals(HandlerType.GET) ? Permission.CAN_USE : Permission.CAN_MANAGE);
            case BRANCH ->
                access.requireBranch(
                        who,
                        context.pathParam("project_id"),
                        Optional.ofNullable(context.pathParamMap().get("branch_id")));
            case ADMINISTRATOR -> {
                if (!who.administrator()) {
                    throw new ControlException(
                            Code.PERMISSION_DENIED,
                            who.name() + " is not an administrator, and this is for administrators. Ask one.");
                }
            }
        }
    }

    private static void write(Context context, int status, Object body) {
        context.status(status).contentType("application/json").result(Wire.write(body));
    }

    /**
     * Begins to listen.
     *
     * @param port 0 for any that is free
     * @return the address to call from this machine
     * @throws IllegalStateException if another process listens there, or this one may not
     */
    public URI start(String host, int port) {
        if (!Listening.isLoopback(host)) {
            LOG.warn(
                    "the API listens on {}, which is not a loopback address: tokens and secrets can be read on their way "
                            + "unless a proxy that speaks TLS stands before it",
                    host);
        }
        try {
            javalin.start(host, port);
        } catch (JavalinBindException e) {
            throw new IllegalStateException(
                    "cannot listen on " + host + ":" + port + ": " + e.getMessage()
                            + " Or set http.port to another one.",
                    e);
        }
        try {
            return new URI("http", null, Listening.fromThisMachine(host), javalin.port(), null, null, null);
        } catch (URISyntaxException e) {
            throw new IllegalStateException("listening on " + host + ", which is not the name of a host", e);
        }
    }

    /** What is registered, as {@code METHOD /path}. */
    public Set<String> routes() {
        return javalin.unsafe.internalRouter.allHttpHandlers().stream()
                .filter(handler -> handler.endpoint.method.isHttpMethod())
                .map(handler -> handler.endpoint.method.name() + " " + handler.endpoint.path)
                .collect(toSet());
    }

    /** Stops listening, and waits a while for the calls that are under way. */
    @Override
    public void close() {
        javalin.stop();
        recorder.close();
    }
}
