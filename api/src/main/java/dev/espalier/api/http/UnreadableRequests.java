package dev.espalier.api.http;

import dev.espalier.api.wire.Wire;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers what is so wrong as HTTP that it does not become a call: in the same shape as every other refusal. */
final class UnreadableRequests extends ErrorHandler {

    private static final Logger LOG = LoggerFactory.getLogger(UnreadableRequests.class);

    @Override
    protected void generateResponse(
            Request request,
            Response response,
            int status,
            @Nullable String message,
            @Nullable Throwable cause,
            Callback callback) {
        String id = UUID.randomUUID().toString();
        if (HttpStatus.isServerError(status)) {
            LOG.error("request {} failed in the HTTP server: {}", id, message, cause);
        }
        String code = HttpStatus.isServerError(status) ? "INTERNAL_ERROR" : "BAD_REQUEST";
        String text = "the request cannot be read: " + reason(status, message, cause) + ". " + fix(status);
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/json");
        byte[] body = Wire.write(ErrorBody.of(code, text, code, Map.of(), id));
        response.write(true, ByteBuffer.wrap(body), callback);
    }

    /** In the HTTP server's own words where it has any and the request is at fault. */
    private static String reason(int status, @Nullable String message, @Nullable Throwable cause) {
        return Optional.ofNullable(cause instanceof HttpException refused ? refused.getReason() : message)
                .map(words -> words.replaceFirst("\\.$", ""))
                .filter(words -> !words.isBlank() && !HttpStatus.isServerError(status))
                .filter(words -> !words.equals(HttpStatus.getMessage(status)))
                .orElseGet(() -> status == HttpStatus.BAD_REQUEST_400
                        ? "it is not HTTP/1.1, or its path is not percent-encoded UTF-8"
                        : HttpStatus.getMessage(status));
    }

    private static String fix(int status) {
        return switch (status) {
            case HttpStatus.URI_TOO_LONG_414, HttpStatus.REQUEST_HEADER_FIELDS_TOO_LARGE_431 -> "Send a shorter one.";
            case HttpStatus.BAD_REQUEST_400 ->
                "Write % as %25, two hexadecimal digits after any other %, and no null character.";
            default -> "The server's log has more.";
        };
    }
}
