package dev.espalier.api.http;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Map;

/**
 * What every refusal and failure looks like.
 *
 * @param details an {@link ErrorInfo} and the {@link RequestInfo}
 */
public record ErrorBody(String errorCode, String message, List<Object> details) {

    private static final String DOMAIN = "espalier.dev";

    /**
     * The cause for programs.
     *
     * @param reason constant in capitals
     */
    public record ErrorInfo(
            @JsonProperty("@type") String type, String reason, String domain, Map<String, String> metadata) {

        /** Of a refusal, or of an operation that has failed. */
        public static ErrorInfo of(String reason, Map<String, String> metadata) {
            return new ErrorInfo("type.googleapis.com/google.rpc.ErrorInfo", reason, DOMAIN, metadata);
        }
    }

    /**
     * What to name when asking for help.
     *
     * @param servingData always empty; clients want the field
     */
    public record RequestInfo(@JsonProperty("@type") String type, String requestId, String servingData) {}

    static ErrorBody of(
            String errorCode, String message, String reason, Map<String, String> metadata, String requestId) {
        return new ErrorBody(
                errorCode,
                message,
                List.of(
                        ErrorInfo.of(reason, metadata),
                        new RequestInfo("type.googleapis.com/google.rpc.RequestInfo", requestId, "")));
    }
}
