package dev.espalier.api.endpoint;

import dev.espalier.control.Endpoint;

/** What an endpoint is for, as the API writes it. */
public enum EndpointType {
    ENDPOINT_TYPE_READ_WRITE,
    ENDPOINT_TYPE_READ_ONLY;

    static EndpointType of(Endpoint.Type type) {
        return switch (type) {
            case READ_WRITE -> ENDPOINT_TYPE_READ_WRITE;
            case READ_ONLY -> ENDPOINT_TYPE_READ_ONLY;
        };
    }

    Endpoint.Type type() {
        return switch (this) {
            case ENDPOINT_TYPE_READ_WRITE -> Endpoint.Type.READ_WRITE;
            case ENDPOINT_TYPE_READ_ONLY -> Endpoint.Type.READ_ONLY;
        };
    }
}
