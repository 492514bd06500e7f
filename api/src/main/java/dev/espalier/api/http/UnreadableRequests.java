package dev.espalier.api.http;

import dev.espalier.api.wire.Wire;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.UUID;
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
        String text = "the request cannot be read: " + HttpStatus.getMessage(status) + ".";
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/json");
        byte[] body = Wire.write(ErrorBody.of(code, text, code, Map.of(), id));
        response.write(true, ByteBuffer.wrap(body), callback);
    }
}
