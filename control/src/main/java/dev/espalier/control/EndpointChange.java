package dev.espalier.control;

import java.util.Optional;

/** What is to change of an endpoint; what is empty stays. */
public record EndpointChange(
        Optional<EndpointSettings> settings, Optional<ActivityPolicy> activityPolicy, Optional<Boolean> disabled) {}
