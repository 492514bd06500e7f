package dev.espalier.api.port;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import java.util.Optional;

/** The port to open. */
public record PortRequest(
        @JsonPropertyDescription("Its number, 1024 to 65535; where not given, the first free one above the gateway's.")
        Optional<Integer> port) {}
