package dev.espalier.api.operation;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import dev.espalier.api.http.ErrorBody.ErrorInfo;
import dev.espalier.api.http.InAudit;
import dev.espalier.control.Operation;
import dev.espalier.control.request.ControlException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** An operation as the API shows it. */
public record OperationResource(
        @JsonPropertyDescription("To ask again with, until done is true.")
        String name,

        boolean done,
        Metadata metadata,

        @JsonPropertyDescription(
                "The resource as it is now, once the operation has succeeded. Left out for a role or database whose branch does not run: no branch is woken for it.")
        Optional<Response> response,

        Optional<Failure> error)
        implements InAudit {

    /** What was asked for, and when. */
    public record Metadata(@JsonProperty("@type") String type, Operation.Kind kind, Instant createTime) {}

    /** The resource with the name of its type. */
    public record Response(
            @JsonProperty("@type") String type,
            @JsonUnwrapped Object resource) {}

    /** Why it failed; as a call that is refused, without the request's id. */
    public record Failure(ControlException.Code errorCode, String message, List<ErrorInfo> details) {}

    /** By which its end is found in the audit. */
    @Override
    public Map<String, String> inAudit() {
        return Map.of("operation_id", name.substring(name.lastIndexOf('/') + 1));
    }
}
