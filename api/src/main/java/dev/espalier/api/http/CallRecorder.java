package dev.espalier.api.http;

import dev.espalier.control.Calls;
import dev.espalier.control.Calls.Call;
import dev.espalier.control.ControlException;
import dev.espalier.identity.Principal;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * Gives every call an id and records it before it is answered, also when it was refused. A call that cannot be recorded is
 * answered with an error, whatever it did.
 */
final class CallRecorder {

    static final String ID_HEADER = "X-Request-Id";
    private static final String BEGUN = "espalier.begun";
    private static final String ID = "espalier.request-id";
    private static final String PRINCIPAL = "espalier.principal";
    private static final String ERROR_CODE = "espalier.error-code";
    private static final String OPERATION = "espalier.operation";
    private static final String PARAMETERS = "espalier.parameters";

    private static final int FIRST_REFUSAL = 400;

    /** What makes room on a full disk, and what one needs to say it: it goes on though the journal can take nothing, which tells how much it missed. */
    private static final Set<String> EVEN_UNRECORDED =
            Set.of("issueToken", "deleteBranch", "deleteProject", "deleteEndpoint", "suspendEndpoint");

    private record Begun(Instant time, long nanos) {}

    private final Calls calls;
    private final Clock clock;

    CallRecorder(Calls calls, Clock clock) {
        this.calls = calls;
        this.clock = clock;
    }

    /** Of a body that is longer the beginning is recorded, in characters. */
    private static final int LONGEST_BODY = 8192;

    private static final String BODY = "request_body";

    /** No method takes a secret in a body; a client may send one all the same, as SCIM's {@code password}. */
    private static final Pattern SECRET_FIELD = Pattern.compile(
            "(?i)(\"\\w{0,64}?(?:password|secret|token)\\w{0,64}\"\\s*+:\\s*+)\"(?:[^\"\\\\]|\\\\.)*+\"");

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
        if (route.isRecordedWithItsBody()) {
            String body = SECRET_FIELD.matcher(context.body()).replaceAll("$1\"[removed]\"");
            parameters.put(BODY, body.length() <= LONGEST_BODY ? body : body.substring(0, LONGEST_BODY));
        }
        context.attribute(OPERATION, route.operationId());
        context.attribute(PARAMETERS, parameters);
    }

    /** Records what a change was made from, or what it has led to, beside what was asked. */
    static void state(Context context, String key, byte[] json) {
        Map<String, String> parameters = context.attribute(PARAMETERS);
        String text = new String(json, StandardCharsets.UTF_8);
        Objects.requireNonNull(parameters)
                .put(key, text.length() <= LONGEST_BODY ? text : text.substring(0, LONGEST_BODY));
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
        Call call = new Call(
                requestId(context),
                begun.time(),
                Optional.ofNullable(context.attribute(PRINCIPAL)),
                context.ip(),
                Optional.ofNullable(context.userAgent()),
                context.method().name(),
                context.path(),
                context.statusCode(),
                Optional.ofNullable(context.attribute(ERROR_CODE)),
                Duration.ofNanos(System.nanoTime() - begun.nanos()),
                Calls.Via.API);
        Map<String, String> parameters = context.attribute(PARAMETERS);
        Optional<String> operation = Optional.ofNullable(context.attribute(OPERATION));
        boolean must = context.statusCode() < FIRST_REFUSAL
                && operation.filter(EVEN_UNRECORDED::contains).isEmpty();
        calls.record(call, operation, parameters == null ? Map.of() : parameters, must);
    }
}
