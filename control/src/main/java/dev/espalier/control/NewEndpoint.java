package dev.espalier.control;

import java.util.Optional;

/** What an endpoint is to be; what is empty gets the project's default. */
public record NewEndpoint(
        Endpoint.Type type,
        Optional<EndpointSettings> settings,
        Optional<ActivityPolicy> activityPolicy,
        boolean disabled) {}
