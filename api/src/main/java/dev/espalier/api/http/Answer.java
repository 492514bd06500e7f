package dev.espalier.api.http;

import java.util.Map;
import java.util.Optional;

/**
 * An answer that is more than a value with status 200.
 *
 * @param errorCode code for the record of calls, where it is a refusal
 */
public record Answer(int status, Map<String, String> headers, Object body, Optional<String> errorCode) {

    /** An answer that no cache may keep, because it holds a token. */
    public static Answer uncached(Object body) {
        return new Answer(200, Map.of("Cache-Control", "no-store"), body, Optional.empty());
    }
}
