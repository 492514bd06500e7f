package dev.espalier.api.http;

import dev.espalier.api.wire.Wire;
import dev.espalier.control.request.ControlException;
import dev.espalier.control.request.ControlException.Code;
import io.javalin.http.Context;
import io.javalin.http.HttpResponseException;
import io.javalin.http.MethodNotAllowedResponse;
import io.javalin.http.NotFoundResponse;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers what was refused or has failed, always in the shape of {@link ErrorBody}. */
final class Failures {

    private static final Logger LOG = LoggerFactory.getLogger(Failures.class);

    private static final String WHERE_THE_METHODS_ARE = "GET /api/openapi.json lists all there are.";

    private Failures() {}

    /** A refusal that says what it is. */
    static void refused(ControlException e, Context context) {
        if (e.code() == Code.UNAUTHENTICATED) {
            boolean shown = context.header("Authorization") != null;
            context.header(
                    "WWW-Authenticate", "Bearer realm=\"espalier\"" + (shown ? ", error=\"invalid_token\"" : ""));
        }
        if (e.code() == Code.INTERNAL_ERROR) {
            LOG.error("request {}: {} {} failed", CallRecorder.requestId(context), context.method(), context.path(), e);
        }
        String reason = e.reason().isEmpty() ? e.code().name() : e.reason();
        String message = e.getMessage() == null ? e.code().name() : e.getMessage();
        answer(context, e.code().status(), e.code().name(), message, reason, e.metadata());
    }

    /** What the HTTP server refuses by itself. */
    static void refusedByServer(HttpResponseException e, Context context) {
        String call = context.method().name() + " " + context.path();
        switch (e) {
            case NotFoundResponse _ ->
                answer(
                        context,
                        404,
                        "ENDPOINT_NOT_FOUND",
                        "there is no method " + call + ". " + WHERE_THE_METHODS_ARE,
                        "ENDPOINT_NOT_FOUND",
                        Map.of());
            case MethodNotAllowedResponse _ -> {
                String allowed = e.getDetails().values().stream().findFirst().orElse("");
                context.header("Allow", allowed);
                answer(
                        context,
                        405,
                        "METHOD_NOT_ALLOWED",
                        context.path() + " does not take " + context.method().name() + " but " + allowed + ". "
                                + WHERE_THE_METHODS_ARE,
                        "METHOD_NOT_ALLOWED",
                        Map.of());
            }
            default -> {
                boolean tooLarge = e.getStatus() == 413;
                answer(
                        context,
                        e.getStatus(),
                        "BAD_REQUEST",
                        tooLarge
                                ? Objects.requireNonNull(e.getMessage())
                                : "the request cannot be read: " + e.getMessage(),
                        tooLarge ? "BODY_TOO_LARGE" : "BAD_REQUEST",
                        Map.of());
            }
        }
    }

    /** A body that did not come, or too slowly. */
    static void unsent(IOException e, Context context) {
        LOG.debug("{} {} was not sent: {}", context.method(), context.path(), e.getMessage(), e);
        context.header("Connection", "close");
        answer(
                context,
                408,
                "BAD_REQUEST",
                "the body did not come, or too slowly: " + e.getMessage() + ". Send it at once.",
                "BODY_NOT_SENT",
                Map.of());
    }

    /** What nobody has foreseen: the log has it all, the answer only where to look. */
    static void unexpected(Exception e, Context context) {
        Optional<ControlException> known =
                e instanceof RuntimeException failure ? ControlException.of(failure) : Optional.empty();
        if (known.isPresent()) {
            LOG.warn("{} {} failed: {}", context.method(), context.path(), e.getMessage(), e);
            refused(known.get(), context);
            return;
        }
        String id = CallRecorder.requestId(context);
        LOG.error("request {}: {} {} failed unexpectedly", id, context.method(), context.path(), e);
        answer(context, 500, Code.INTERNAL_ERROR.name(), fault(id), Code.INTERNAL_ERROR.name(), Map.of());
    }

    /** The machine or this program is broken. Javalin gives only the response here, which has the id already. */
    static void broken(HttpServletResponse response, Error e) {
        String id = String.valueOf(response.getHeader(CallRecorder.ID_HEADER));
        LOG.error("request {} broke the server", id, e);
        String code = Code.INTERNAL_ERROR.name();
        response.setStatus(500);
        response.setContentType("application/json");
        try {
            response.getOutputStream().write(Wire.write(ErrorBody.of(code, fault(id), code, Map.of(), id)));
        } catch (IOException unsent) {
            LOG.warn("request {}: the caller has gone", id, unsent);
        }
    }

    private static String fault(String id) {
        return "a fault of the server. Its log has the cause under request " + id + ".";
    }

    private static void answer(
            Context context, int status, String code, String message, String reason, Map<String, String> metadata) {
        CallRecorder.errorCode(context, code);
        ErrorBody body = ErrorBody.of(code, message, reason, metadata, CallRecorder.requestId(context));
        context.status(status).contentType("application/json").result(Wire.write(body));
    }
}
