package dev.espalier.api.http;

import dev.espalier.control.Calls;
import dev.espalier.control.Calls.Call;
import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.Place;
import dev.espalier.control.request.ResourceName;
import dev.espalier.identity.Principal;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * Gives every call an id and records it before it is answered, also when it was refused. A call that cannot be recorded is
 * answered with an error, whatever it did. Of refused calls of those who have not signed in only some are recorded one by one, see
 * {@link RefusedStrangers}.
 */
final class CallRecorder implements AutoCloseable {

    static final String ID_HEADER = "X-Request-Id";
    private static final String BEGUN = "espalier.begun";
    private static final String ID = "espalier.request-id";
    private static final String PRINCIPAL = "espalier.principal";
    private static final String ERROR_CODE = "espalier.error-code";
    private static final String OPERATION = "espalier.operation";
    private static final String PARAMETERS = "espalier.parameters";
    private static final String PLACE = "espalier.place";

    private static final String PROJECT = "project_id";
    private static final String BRANCH = "branch_id";
    private static final String ENDPOINT = "endpoint_id";
    private static final Set<String> PLACES = Set.of(PROJECT, BRANCH, ENDPOINT);

    /** What stands in the audit for the refused calls of a minute that are not in it one by one. */
    private static final String REFUSED_CALLS = "refusedCalls";

    private static final int FIRST_REFUSAL = 400;

    /** What makes room on a full disk, and what one needs to say it: it goes on though the journal can take nothing, which tells how much it missed. */
    private static final Set<String> EVEN_UNRECORDED =
            Set.of("issueToken", "deleteBranch", "deleteProject", "deleteEndpoint", "suspendEndpoint");

    private record Begun(Instant time, long nanos) {}

    private final Calls calls;
    private final Clock clock;
    private final RefusedStrangers strangers;

    CallRecorder(Calls calls, Clock clock) {
        this.calls = calls;
        this.clock = clock;
        this.strangers = new RefusedStrangers(this::others);
    }

    private static final String BODY = "request_body";

    static String requestId(Context context) {
        return Objects.requireNonNull(context.attribute(ID));
    }

    static void principal(Context context, Principal principal) {
        context.attribute(PRINCIPAL, principal.name());
    }

    static void errorCode(Context context, String code) {
        context.attribute(ERROR_CODE, code);
    }

    /** Records which method it is, on what. Of the query only what the method knows: the rest may be anything, secrets too. */
    static void operation(Context context, Route route) {
        Map<String, String> query =
                UrlEncoded.read(Optional.ofNullable(context.queryString()).orElse(""));
        Map<String, String> parameters = new LinkedHashMap<>(context.pathParamMap());
        for (QueryParameter known : route.query()) {
            String value = query.get(known.name());
            if (value != null) {
                parameters.put(known.name(), value);
            }
        }
        context.attribute(OPERATION, route.operationId());
        context.attribute(PARAMETERS, parameters);
    }

    /** Records what was sent, and what the call is about as it is before anything changes: to be called when it is known who calls. */
    void asked(Context context, Route route, byte[] body) {
        if (route.isRecordedWithItsBody()) {
            parameters(context).put(BODY, KeptMessage.sent(body, route.body().orElseThrow()));
        }
        if (!route.method().equals(HandlerType.GET) && !makesWhatItNames(route)) {
            context.attribute(PLACE, place(context, true));
        }
    }

    /** What a call makes is named in the query. */
    private static boolean makesWhatItNames(Route route) {
        return route.query().stream().map(QueryParameter::name).anyMatch(PLACES::contains);
    }

    /** Records what a call is about that does not say so in its path. */
    static void about(Context context, ResourceName endpoint) {
        Map<String, String> parameters = parameters(context);
        parameters.put(PROJECT, endpoint.project());
        endpoint.branch().ifPresent(id -> parameters.put(BRANCH, id));
        endpoint.id().ifPresent(id -> parameters.put(ENDPOINT, id));
    }

    private Place place(Context context, boolean deleted) {
        Map<String, String> parameters = parameters(context);
        String project = parameters.get(PROJECT);
        if (project == null) {
            return Place.NONE;
        }
        Optional<String> endpoint = Optional.ofNullable(parameters.get(ENDPOINT));
        return calls.place(
                new ResourceName(
                        project, Optional.ofNullable(parameters.get(BRANCH)), endpoint.map(_ -> "endpoints"), endpoint),
                deleted);
    }

    /** What was found before counts on, for it may be gone; else what is there now. */
    private Place placeAtTheEnd(Context context) {
        Place before = context.attribute(PLACE);
        return before == null || before.equals(Place.NONE) ? place(context, false) : before;
    }

    private static Map<String, String> parameters(Context context) {
        return Objects.requireNonNull(context.attribute(PARAMETERS));
    }

    /** Records what a change was made from, or what it has led to, beside what was asked. */
    static void state(Context context, String key, byte[] json) {
        parameters(context).put(key, KeptMessage.written(json));
    }

    /** Records something of what is answered. */
    static void answered(Context context, InAudit answer) {
        parameters(context).putAll(answer.inAudit());
    }

    /** @throws ControlException if the route changes something, and that could not be recorded now */
    void refuseWhatCannotBeRecorded(Route route) {
        if (!route.method().equals(HandlerType.GET) && !EVEN_UNRECORDED.contains(route.operationId())) {
            calls.refuseWhatCannotBeRecorded();
        }
    }

    void begin(Context context) {
        String id = UUID.randomUUID().toString();
        context.attribute(ID, id);
        context.attribute(BEGUN, new Begun(clock.instant(), System.nanoTime()));
        context.header(ID_HEADER, id);
    }

    void end(Context context) {
        Begun begun = Objects.requireNonNull(context.attribute(BEGUN));
        Optional<String> principal = Optional.ofNullable(context.attribute(PRINCIPAL));
        boolean refused = context.statusCode() >= FIRST_REFUSAL;
        boolean audited = refused || !context.method().equals(HandlerType.GET);
        Map<String, String> parameters = context.attribute(PARAMETERS);
        Call call = new Call(
                requestId(context),
                begun.time(),
                principal,
                context.ip(),
                Optional.ofNullable(context.userAgent()),
                context.method().name(),
                context.path(),
                context.statusCode(),
                Optional.ofNullable(context.attribute(ERROR_CODE)),
                Duration.ofNanos(System.nanoTime() - begun.nanos()),
                Calls.Via.API,
                principal.isPresent() && parameters != null && audited ? placeAtTheEnd(context) : Place.NONE);
        if (refused && principal.isEmpty() && !strangers.isOneOfFew(call)) {
            return;
        }
        Optional<String> operation = Optional.ofNullable(context.attribute(OPERATION));
        boolean must = !refused && operation.filter(EVEN_UNRECORDED::contains).isEmpty();
        calls.record(call, operation, parameters == null ? Map.of() : parameters, must);
    }

    private void others(Call last, int more) {
        String what =
                more + " more calls were refused within a minute, the last one: " + last.method() + " " + last.path();
        calls.record(last, Optional.of(REFUSED_CALLS), Map.of("calls", Integer.toString(more), "message", what), false);
    }

    /** Nobody calls any more. */
    @Override
    public void close() {
        strangers.close();
    }
}
