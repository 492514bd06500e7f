package dev.espalier.api.system;

import dev.espalier.control.Calls.Call;
import dev.espalier.control.request.Page;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** A page of calls. */
public record CallList(List<CallResource> calls, Optional<String> nextPageToken) {

    private static final double NANOS_PER_MS = 1e6;

    /** One call of the API. */
    public record CallResource(
            Instant time,
            String requestId,
            Optional<String> principal,
            String sourceAddress,
            Optional<String> userAgent,
            String method,
            String path,
            long statusCode,
            Optional<String> errorCode,
            double durationMs) {

        private static CallResource of(Call call) {
            return new CallResource(
                    call.called(),
                    call.requestId(),
                    call.principal(),
                    call.sourceAddress(),
                    call.userAgent(),
                    call.method(),
                    call.path(),
                    call.statusCode(),
                    call.errorCode(),
                    call.duration().toNanos() / NANOS_PER_MS);
        }
    }

    static CallList of(Page<Call> page) {
        return new CallList(page.items().stream().map(CallResource::of).toList(), page.nextToken());
    }
}
